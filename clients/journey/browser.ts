import { parse, type HTMLElement } from 'node-html-parser';
import { CookieJar } from 'tough-cookie';

/** One page as a citizen without JavaScript gets it. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly root: HTMLElement;
  readonly text: string;
}

/** Last part of the path of a redirect URI for a terminal: nothing answers there. */
const TERMINAL = /\/terminal$/;

/** A browser as plain as can be: cookies, redirects, forms. It stops at a redirect to a relying party's terminal and hands that URL back. */
export class Browser {
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true });
  readonly #language: string;

  constructor(language: 'zh-TW' | 'en') {
    this.#language = language;
  }

  /** Follows redirects with GET, at most twenty. Network errors say which address did not answer. */
  async open(address: string | URL, form?: URLSearchParams): Promise<Page | URL> {
    let url = new URL(address);
    let body = form;
    for (let hops = 0; hops < 20; hops++) {
      if (TERMINAL.test(url.pathname)) return url;
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          'accept-language': this.#language,
          cookie: await this.#jar.getCookieString(url.href),
          origin: url.origin,
        },
        ...(body && { body }),
      }).catch((cause: unknown) => {
        throw new Error(`${url.origin} did not answer.`, { cause });
      });
      for (const cookie of response.headers.getSetCookie()) await this.#jar.setCookie(cookie, url.href);
      const location = response.headers.get('location');
      if (location === null) {
        const text = await response.text();
        return { url, status: response.status, root: parse(text), text };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error(`Too many redirects, the last to ${url.origin}${url.pathname}.`);
  }

  /** Sends a form of the page: its own values, then `values` over them (null leaves a field out), and the button pressed. */
  async submit(
    page: Page,
    form: HTMLElement,
    values: Readonly<Record<string, string | readonly string[] | null>>,
    button?: HTMLElement,
  ): Promise<Page | URL> {
    const body = new URLSearchParams();
    for (const field of form.querySelectorAll('input, textarea, select')) {
      const name = field.getAttribute('name');
      if (name === undefined || name in values || field.hasAttribute('disabled')) continue;
      const type = field.getAttribute('type') ?? 'text';
      if (type === 'submit' || type === 'file' || type === 'button') continue;
      if ((type === 'checkbox' || type === 'radio') && !field.hasAttribute('checked')) continue;
      const option = field.tagName === 'SELECT' ? (field.querySelector('option[selected]') ?? field.querySelector('option')) : null;
      body.append(name, option?.getAttribute('value') ?? field.getAttribute('value') ?? (type === 'checkbox' ? 'on' : ''));
    }
    for (const [name, value] of Object.entries(values)) for (const one of value === null ? [] : [value].flat()) body.append(name, one);
    const pressed = button?.getAttribute('name');
    if (pressed !== undefined) body.set(pressed, button?.getAttribute('value') ?? '');
    const target = new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? page.url, page.url);
    return (form.getAttribute('method') ?? 'get').toLowerCase() === 'post'
      ? this.open(target, body)
      : this.open(new URL(`${target.pathname}?${body.toString()}`, target));
  }
}
