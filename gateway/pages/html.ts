const MARKUP = Symbol('markup');

/** Markup that is safe to send: made by {@link html} alone. */
export interface Html {
  readonly [MARKUP]: string;
}

/** What may stand in a template: text is escaped; null, undefined and false are nothing; lists are joined. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function markup(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number')
    return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  if (MARKUP in value) return value[MARKUP];
  return value.map(markup).join('');
}

/** Tagged template: every value is escaped, unless it came from this tag itself. Attributes must be quoted in the template. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { [MARKUP]: strings.map((text, index) => text + (index < values.length ? markup(values[index]) : '')).join('') };
}

/** The text of a page or part. */
export function render(page: Html): string {
  return page[MARKUP];
}
