import { html, type Html, type HtmlValue } from './html.ts';

/** Name of the hidden member that ties a form to the page it was on. */
export const FORM_TOKEN = 'form';

/** Where a page's forms go, and the token that each carries. */
export interface FormTarget {
  /** `/interaction/<id>`; each form adds its own last part. */
  readonly base: string;
  /** Good for one form sent. */
  readonly token: string;
}

/** A form that posts to `<base>/<action>`. */
export function postForm({ base, token }: FormTarget, action: string, content: HtmlValue, className = 'stack'): Html {
  return html`<form method="post" action="${base}/${action}" class="${className}">
    <input type="hidden" name="${FORM_TOKEN}" value="${token}" />${content}
  </form>`;
}

/** What has to be corrected or known before a form, announced by screen readers. */
export function notice(text: string | null): HtmlValue {
  return text !== null && html`<p class="notice" role="alert">${text}</p>`;
}
