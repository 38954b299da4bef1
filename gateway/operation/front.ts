import { startApollo, type Front, type FrontOptions } from './apolloFront.ts';
import { failedAnswer, httpAnswer, type HttpAnswer } from './httpAnswer.ts';
import type { HttpRequest } from './httpRequest.ts';
import { plainRequest, type PlainRequest } from './plainRequest.ts';

/**
 * Between HTTP and the pipeline. A plain request needs no more than its own reading; everything else is judged by Apollo Server (its HTTP semantics,
 * its media types, its CSRF prevention). The answer is the same, to the byte, by either way: the pipeline makes it.
 */
export async function createFront<Admitted>(options: FrontOptions<Admitted>): Promise<Front> {
  const apollo = await startApollo(options);
  return {
    handle(http, request) {
      const plain = plainRequest(http);
      return plain === null ? apollo.handle(http, request) : answerPlain(options, http, request, plain);
    },
    stop: apollo.stop,
  };
}

async function answerPlain<Admitted>(
  options: FrontOptions<Admitted>,
  http: HttpRequest,
  request: string,
  { text, operationName, asked, type }: PlainRequest,
): Promise<HttpAnswer> {
  try {
    const admitted = await options.admit(http, text, operationName);
    if (admitted === null) throw new TypeError('A document was not admitted, and no reason given.');
    return httpAnswer(await options.answer(admitted, request, asked), type);
  } catch (error) {
    return failedAnswer(options, error, request, type);
  }
}
