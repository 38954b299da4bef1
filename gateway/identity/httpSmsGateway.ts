import { request } from 'undici';
import { HubError } from '../../schema/errors.ts';
import type { SmsGateway } from './smsGateway.ts';

const TIMEOUT_MS = 5000;

/**
 * Sends text messages through an operator's HTTPS endpoint: POST `{"to", "text"}`, any 2xx taken as accepted. A number or text is never in an
 * error.
 */
export function httpSmsGateway(url: URL): SmsGateway {
  return {
    async send(number, text) {
      const body = JSON.stringify({ to: number, text });
      const headers = { 'content-type': 'application/json' };
      const answer = await request(url, { method: 'POST', headers, body, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS }).catch(
        (cause: unknown) => {
          throw new HubError('UNAVAILABLE', 'The SMS gateway did not answer.', { cause });
        },
      );
      await answer.body.dump();
      if (answer.statusCode < 200 || answer.statusCode > 299)
        throw new HubError('UNAVAILABLE', `The SMS gateway answered HTTP ${answer.statusCode}.`);
    },
  };
}
