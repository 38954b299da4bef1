import type { GraphQLError } from 'graphql';
import type { PlanResult } from '../planExecutor.ts';

/** A result that was written as text; its `data` is read from the text by whoever wants an object. */
export class WrittenResult implements PlanResult {
  readonly text: string;
  readonly errors: readonly GraphQLError[];
  readonly unfit: PlanResult['unfit'];

  /** `text` null: null reached the root. `unfit`: each place from the inside out, as writing leaves it. */
  constructor(text: string | null, errors: readonly GraphQLError[], unfit: readonly (readonly (string | number)[])[]) {
    this.text = text ?? 'null';
    this.errors = errors;
    this.unfit = unfit.map((place) => place.toReversed());
  }

  get data(): Record<string, unknown> | null {
    return JSON.parse(this.text) as Record<string, unknown> | null;
  }
}
