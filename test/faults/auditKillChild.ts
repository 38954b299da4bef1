import { randomBytes } from 'node:crypto';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import { openStore } from '../../store/openStore.ts';
import { intent } from '../fixtures/auditBodies.ts';
import { randomId } from '../fixtures/auditDatabase.ts';

/** Appends as fast as it can with 16 in flight, and prints each request id once its entry is durable, until it is killed. */
const { dataDir, uri, name, headFile, headKey } = JSON.parse(process.argv[2] ?? '') as Record<'dataDir' | 'name' | 'headFile', string> & {
  uri?: string;
  headKey: { kid: string };
};
const store = await openStore({ dataDir, ...(uri === undefined ? {} : { uri }) });
const connection = await store.database(name);
const log = await openAuditLog({
  connection,
  now: Date.now,
  randomId,
  randomBytes,
  pseudonymKey: Buffer.alloc(32, 7),
  headKey,
  headFile,
  alone: store.ownsAllWrites,
});
process.stdout.write('open\n');
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (;;) {
      const request = randomId();
      await log.append(intent({ request }));
      process.stdout.write(`${request}\n`);
    }
  }),
);
