import { LRUCache } from 'lru-cache';

const TEXTS_KEPT = 500;

/**
 * Makes a writer of `"query":…,"variables":…`, the inside of the JSON object that an agency is sent. Few queries are sent many times, so what
 * each is as a JSON text is kept: to write it anew costs a tenth of a call.
 */
export function requestText(): (query: string, variables: Readonly<Record<string, unknown>>) => string {
  const texts = new LRUCache<string, string>({ max: TEXTS_KEPT });
  return (query, variables) => {
    let text = texts.get(query);
    if (text === undefined) texts.set(query, (text = `"query":${JSON.stringify(query)}`));
    return `${text},"variables":${JSON.stringify(variables)}`;
  };
}
