import { parse, pattern, type Duration } from 'iso8601-duration';
import type { Bilingual } from '../../schema/bilingual.ts';

// The library's own pattern is not anchored: `xP1Dy` would pass.
const WHOLE = new RegExp(`^(?:${pattern.source})$`);
/** Taiwan has no daylight saving time: months and days are counted in its civil time, whatever zone the process runs in. */
const TAIWAN_MS = 8 * 3_600_000;
const LONGEST_TEXT = 32;

/** Reads an ISO 8601 duration. Null: not one, or of no length. */
function readDuration(text: string): Required<Duration> | null {
  if (text.length > LONGEST_TEXT || !WHOLE.test(text)) return null;
  try {
    const duration = parse(text) as Required<Duration>;
    return Object.values(duration).some((amount) => amount > 0) ? duration : null;
  } catch {
    return null;
  }
}

/** Whether a text is an ISO 8601 duration of some length. */
export function isDuration(text: string): boolean {
  return readDuration(text) !== null;
}

/**
 * When a duration that begins at `start` ends; both in milliseconds since the epoch. A month that lacks the day ends on its last: January 31
 * and one month is February 28, never March 3 (a consent must not last longer than agreed). Throws RangeError for what is no duration.
 */
export function endOf(text: string, start: number): number {
  const duration = readDuration(text);
  if (duration === null) throw new RangeError(`Not a duration: ${text.slice(0, LONGEST_TEXT)}`);
  const local = new Date(start + TAIWAN_MS);
  const month = local.getUTCMonth() + duration.months + 12 * duration.years;
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(local.getUTCDate(), lastDay) + duration.days + 7 * duration.weeks;
  const midnight = Date.UTC(local.getUTCFullYear(), month, day) - TAIWAN_MS;
  const timeOfDay = (start + TAIWAN_MS) % 86_400_000;
  return midnight + timeOfDay + Math.round((duration.hours * 3600 + duration.minutes * 60 + duration.seconds) * 1000);
}

/** A month of 31 days: the order of durations must not depend on when one asks. */
const REFERENCE = Date.UTC(2020, 0, 1) - TAIWAN_MS;

/** Whether `part` is no longer than `whole`, both beginning on the first of January. False when either is no duration. */
export function isNoLonger(part: string, whole: string): boolean {
  return isDuration(part) && isDuration(whole) && endOf(part, REFERENCE) <= endOf(whole, REFERENCE);
}

const UNITS = [
  ['years', '年', 'year'],
  ['months', '個月', 'month'],
  ['weeks', '週', 'week'],
  ['days', '天', 'day'],
  ['hours', '小時', 'hour'],
  ['minutes', '分鐘', 'minute'],
  ['seconds', '秒', 'second'],
] as const;

/** A duration in words: `6 個月`, `6 months`. What is no duration stays as it is. */
export function durationInWords(text: string): Bilingual {
  const duration = readDuration(text);
  if (duration === null) return { 'zh-TW': text, en: text };
  const parts = UNITS.filter(([unit]) => duration[unit] > 0).map(([unit, zh, en]) => {
    const amount = duration[unit];
    return [`${amount} ${zh}`, `${amount} ${en}${amount === 1 ? '' : 's'}`] as const;
  });
  return { 'zh-TW': parts.map(([zh]) => zh).join(' '), en: parts.map(([, en]) => en).join(' ') };
}

/** Shorter durations that a citizen may choose instead of the one asked, the longest first, the asked one included. */
export function durationChoices(asked: string): readonly string[] {
  return [
    asked,
    ...['P6M', 'P3M', 'P1M', 'P7D', 'P1D', 'PT1H'].filter((choice) => isNoLonger(choice, asked) && !isNoLonger(asked, choice)),
  ];
}
