import type { Clock } from '../domain/clock.ts';

/** Sends text messages. Rejects when the message was not taken; `number` as in `0900000001`. */
export interface SmsGateway {
  send(number: string, text: string): Promise<void>;
}

/** One message of the demonstration. */
export interface DevelopmentSms {
  readonly number: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Messages kept, at most. */
const KEPT = 100;

/** The demonstration's gateway: keeps the messages in memory for the page at /dev/sms, newest first. Production refuses it. */
export function developmentSmsGateway(now: Clock): SmsGateway & { listMessages(): readonly DevelopmentSms[] } {
  let messages: readonly DevelopmentSms[] = [];
  return {
    async send(number, text) {
      messages = [{ number, text, at: now() }, ...messages].slice(0, KEPT);
    },
    listMessages: () => messages,
  };
}

/** A mobile number as typed → `09…`, ten digits; null for anything else. */
export function parseMobile(text: string): string | null {
  const digits = text
    .normalize('NFKC')
    .replace(/[\s()-]/g, '')
    .replace(/^\+?886/, '0')
    .replace(/^00/, '0');
  return /^09[0-9]{8}$/.test(digits) ? digits : null;
}
