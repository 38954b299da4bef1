import { parse, type HTMLElement } from 'node-html-parser';
import { CookieJar } from 'tough-cookie';

/** One page, as somebody without JavaScript gets it. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly root: HTMLElement;
  readonly text: string;
}

export type FormValues = Readonly<Record<string, string | readonly string[]>>;

/** A browser as plain as can be: cookies, redirects, forms. It stops at a redirect below `stopAt`, and gives that URL instead of a page. */
export class Walker {
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true });
  readonly #stopAt: string;
  readonly #language: string;

  constructor(stopAt: string, language: 'zh-TW' | 'en') {
    this.#stopAt = stopAt;
    this.#language = language;
  }

  async open(address: string | URL, form?: URLSearchParams): Promise<Page | URL> {
    let url = new URL(address);
    let body = form;
    for (let hops = 0; hops < 20; hops++) {
      if (url.href.startsWith(this.#stopAt)) return url;
      const headers = { accept: 'text/html', 'accept-language': this.#language, cookie: await this.#jar.getCookieString(url.href) };
      const response = await fetch(url, { method: body ? 'POST' : 'GET', redirect: 'manual', headers, ...(body && { body }) });
      for (const cookie of response.headers.getSetCookie()) await this.#jar.setCookie(cookie, url.href);
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status, headers: response.headers, root: parse(text), text };
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error('too many redirects');
  }

  /** Sends a form with its own values, and `values` in place of those of the same name; `button` is the one pressed. */
  async submit(page: Page, form: HTMLElement, values: FormValues, button?: HTMLElement): Promise<Page | URL> {
    const body = new URLSearchParams();
    for (const field of form.querySelectorAll('input, textarea')) {
      const name = field.getAttribute('name');
      const type = field.getAttribute('type');
      if (name === undefined || name in values || field.hasAttribute('disabled')) continue;
      if ((type === 'checkbox' || type === 'radio') && !field.hasAttribute('checked')) continue;
      body.append(name, field.getAttribute('value') ?? '');
    }
    for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) body.append(name, String(one));
    if (button) body.append(button.getAttribute('name') ?? 'button', button.getAttribute('value') ?? '');
    return this.open(new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? '', page.url), body);
  }
}
