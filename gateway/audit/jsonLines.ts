import { open } from 'node:fs/promises';
import { HubError } from '../../schema/errors.ts';

/** One line of a file. `number` counts from 1; `text` is null where the bytes are not UTF-8; `ended` is false for a last line without its newline. */
export interface Line {
  readonly number: number;
  readonly text: string | null;
  readonly ended: boolean;
}

/** Longest line that is read: a batch ends well before. */
const LONGEST = 64 * 1024 * 1024;

/** Lines of a file, byte by byte: only a newline ends one. Throws CONFIGURATION for a file that cannot be read, naming it. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new HubError('CONFIGURATION', `Cannot read ${file}.`, { cause });
  });
  try {
    let [number, rest] = [0, [] as Buffer[]];
    let length = 0;
    for await (const part of handle.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = part.indexOf(0x0a); end >= 0; end = part.indexOf(0x0a, start)) {
        yield { number: ++number, text: decode([...rest, part.subarray(start, end)]), ended: true };
        [rest, length, start] = [[], 0, end + 1];
      }
      if (start < part.length) rest.push(part.subarray(start));
      length += part.length - start;
      if (length > LONGEST) throw new HubError('CONFIGURATION', `${file} is no file of JSON lines: line ${number + 1} does not end.`);
    }
    if (rest.length > 0) yield { number: ++number, text: decode(rest), ended: false };
  } catch (cause) {
    if (cause instanceof HubError) throw cause;
    throw new HubError('CONFIGURATION', `Cannot read ${file}.`, { cause });
  } finally {
    await handle.close();
  }
}

function decode(parts: readonly Buffer[]): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch {
    return null;
  }
}
