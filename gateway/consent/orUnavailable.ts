import { HubError } from '../../schema/errors.ts';

/**
 * The store's answer, or UNAVAILABLE with its error as the cause. A write that ends so may have happened or not: it is no acknowledgement, and
 * whoever needs to know reads again.
 */
export async function orUnavailable<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (cause) {
    throw cause instanceof HubError ? cause : new HubError('UNAVAILABLE', what, { cause });
  }
}
