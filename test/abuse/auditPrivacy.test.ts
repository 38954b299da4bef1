import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import { eraseBodies } from '../../gateway/audit/eraseBodies.ts';
import type { AuditBody } from '../../gateway/domain/auditEntry.ts';
import { exportAudit } from '../../gateway/audit/exportAudit.ts';
import { change, check, intent, login, outcome, refusal } from '../fixtures/auditBodies.ts';
import { openAuditDatabase, randomId, type AuditDatabase } from '../fixtures/auditDatabase.ts';

/** Ids as the hub gives them; a national ID of the documentation's kind and a value that a register might hold. */
const SUBJECTS = ['Zk3_subject-one-aaaaaa', 'Zk3_subject-two-bbbbbb'];
const NATIONAL_ID = 'A123456789';

let database: AuditDatabase;

beforeEach(async () => {
  database = await openAuditDatabase();
});

afterEach(() => database.close());

/** Everything that the log leaves behind: the export is the whole store, text by text. */
async function dump(name: string): Promise<string> {
  const file = join(database.folder, name);
  await exportAudit(database.connection, file);
  return (await readFile(file, 'utf8')) + (await readFile(database.options.headFile, 'utf8'));
}

describe('what the audit log keeps', () => {
  it('holds no subject id and no national ID, in the store or beside it, and no subject in the heads', async () => {
    const log = await openAuditLog(database.options);
    for (const subject of SUBJECTS) {
      const request = randomId();
      await log.append(intent({ subject, request }));
      log.note(outcome(request, { subject }));
      log.refuse(refusal({ subject }));
      await log.publishConsentChange(change({ subject, consent: `consent-${subject === SUBJECTS[0] ? 1 : 2}` }));
      await log.append(login({ subject }));
      await log.append(check({ subject }));
      expect((await log.forSubject(subject, { first: 10 })).map(({ kind }) => kind).sort()).toEqual([
        'CHECK',
        'CONSENT',
        'DISCLOSURE',
        'LOGIN',
        'REFUSAL',
      ]);
    }
    await log.close();
    const text = await dump('export.jsonl');
    expect(text).toContain('DISCLOSURE_OUTCOME');
    for (const secret of [...SUBJECTS, NATIONAL_ID]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64'));
      expect(text).not.toContain(Buffer.from(secret).toString('base64url'));
    }
  });

  it('gives one subject another pseudonym under another key', async () => {
    const log = await openAuditLog(database.options);
    await log.append(intent({ subject: SUBJECTS[0] ?? null }));
    await log.close();
    const other = await openAuditLog({ ...database.options, pseudonymKey: Buffer.alloc(32, 9) });
    await expect(other.forSubject(SUBJECTS[0] ?? '', { first: 10 })).resolves.toEqual([]);
    await other.close();
  });

  it('keeps nothing of an erased body but its leaf', async () => {
    const log = await openAuditLog(database.options);
    await log.append(intent({ subject: SUBJECTS[0] ?? null, consent: 'consent-of-one' }));
    await log.append(intent({ subject: SUBJECTS[1] ?? null, consent: 'consent-of-two' }));
    const before = await dump('before.jsonl');
    const pseudonym = /"keys":\["subject:([^"]+)"\]/.exec(before)?.[1] ?? 'none';
    const erasing = { connection: database.connection, append: (body: AuditBody) => log.append(body), now: database.options.now, randomId };
    const erased = await eraseBodies(erasing, { reason: 'test', over: (body) => 'consent' in body && body.consent === 'consent-of-one' });
    expect(erased).toBe(1);
    await log.flush();
    const after = await dump('after.jsonl');
    expect(after).not.toContain('consent-of-one');
    expect(after).not.toContain(pseudonym);
    expect(after).toContain('consent-of-two');
    await expect(log.forSubject(SUBJECTS[0] ?? '', { first: 10 })).resolves.toEqual([]);
    await expect(log.forSubject(SUBJECTS[1] ?? '', { first: 10 })).resolves.toHaveLength(1);
    await log.close();
  });
});
