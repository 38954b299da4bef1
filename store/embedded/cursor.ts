import type { Doc } from './value.ts';

/** What a query gives back: the part of the native driver's cursor that mongoose uses. */
export class Cursor {
  readonly #documents: Iterator<Doc | null>;
  readonly #failure: (error: unknown) => unknown;
  #closed = false;

  /** `documents` gives null where others may run; `failure` makes an error ours. */
  constructor(documents: Iterator<Doc | null>, failure: (error: unknown) => unknown) {
    this.#documents = documents;
    this.#failure = failure;
  }

  async next(): Promise<Doc | null> {
    while (!this.#closed) {
      let step: IteratorResult<Doc | null>;
      try {
        step = this.#documents.next();
      } catch (error) {
        throw this.#failure(error);
      }
      if (step.done) this.#closed = true;
      else if (step.value) return step.value;
      else await new Promise((resolve) => setImmediate(resolve));
    }
    return null;
  }

  async toArray(): Promise<Doc[]> {
    const documents: Doc[] = [];
    for (let doc = await this.next(); doc; doc = await this.next()) documents.push(doc);
    return documents;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#documents.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Doc> {
    for (let doc = await this.next(); doc; doc = await this.next()) yield doc;
  }
}
