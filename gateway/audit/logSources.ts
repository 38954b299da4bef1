import type { Connection } from 'mongoose';
import { canonicalJson } from '../../schema/canonical.ts';
import { allBatches, batchModel } from './batchModel.ts';
import { linesOf } from './jsonLines.ts';
import type { Stored } from './verify.ts';

/** The log in a file that the hub exported. A line must be the one canonical text of its batch: then no byte of it can change unseen. */
export async function* exportedLog(file: string): AsyncGenerator<Stored> {
  for await (const { number, text, ended } of linesOf(file)) {
    const where = `line ${number}`;
    if (text === null) {
      yield { where, fault: 'is not UTF-8', document: null };
      continue;
    }
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      yield { where, fault: ended ? 'is not JSON' : 'is unfinished: the file was cut here', document: null };
      continue;
    }
    if (!ended) yield { where, fault: 'does not end: the file was cut here', document };
    else if (canonicalJson(document) !== text) yield { where, fault: 'is not in canonical form', document };
    else yield { where, document };
  }
}

/** The log in its database. */
export async function* storedLog(connection: Connection): AsyncGenerator<Stored> {
  for await (const batch of allBatches(batchModel(connection))) yield { where: `document ${batch._id}`, document: batch };
}
