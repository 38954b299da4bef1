import type { FastifyInstance } from 'fastify';

/** Largest form, in bytes: a signature with its certificate is about 4 kB. */
const MOST = 64 * 1024;

/** A form that was sent; a member may have several values. */
export class FormBody {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.getAll(name);
  }

  /** Every member but these, the first value of each; without a prototype, so that no name means anything else. */
  rest(...without: readonly string[]): Readonly<Record<string, string>> {
    const rest = Object.create(null) as Record<string, string>;
    for (const [name, value] of this.#values) if (!without.includes(name) && !(name in rest)) rest[name] = value;
    return rest;
  }
}

/** Forms of this plugin's routes arrive as {@link FormBody}; other content types are refused (415). */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: MOST }, (_request, body, done) => {
    done(null, new FormBody(new URLSearchParams(String(body))));
  });
}
