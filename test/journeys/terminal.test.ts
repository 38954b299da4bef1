import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cleanUp, run, runHub, type RunningHub } from '../fixtures/runHub.ts';

const JOURNEY = 'dist/clients/journey/main.js';

describe('the tuition-waiver journey from a terminal', () => {
  let hub: RunningHub;
  const journey = (...args: readonly string[]) => run(JOURNEY, ['--hub', hub.url, ...args]);
  const lastLine = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;

  beforeAll(async () => {
    hub = await runHub();
  }, 120_000);
  afterAll(async () => {
    await hub.stop();
    await cleanUp();
  });

  it('walks the whole flow for the student, and the query after his withdrawal gets nothing', async () => {
    const { code, output } = await journey();
    expect(output).toContain('"category": "LOW_INCOME"');
    expect(output).toContain('WITHDRAWN');
    expect(output.slice(output.indexOf('6. It queries again'))).toContain('"lowIncome": null');
    expect(code).toBe(0);
  });

  it('ticks only the fields asked for, and says in JSON what other tools need to go on', async () => {
    const { code, stdout } = await journey('--persona', 'adult-student', '--leave', 'moi.household.personal:birthDate', '--json');
    expect(code).toBe(0);
    const line = lastLine(stdout);
    expect(line).toMatchObject({
      endpoint: `${hub.url}/graphql`,
      consent: expect.any(String),
      accessToken: expect.any(String),
      dpopJwk: { kty: 'EC', crv: 'P-256', d: expect.any(String) },
      agreed: {
        'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'],
        'moi.household.personal': ['name', 'nationalId'],
      },
    });
  });

  it('gives nothing when she declines', async () => {
    const { code, stdout } = await journey('--decline', '--json');
    expect(code).toBe(0);
    expect(lastLine(stdout)).toEqual({ declined: true, error: 'access_denied' });
  });

  it('shows the citizen her consents and who saw what', async () => {
    const { code, stdout } = await journey('--as', 'citizen', '--json');
    expect(code).toBe(0);
    const { consents, log } = lastLine(stdout) as { consents: { state: string }[]; log: { kind: string }[] };
    expect(consents.map(({ state }) => state)).toEqual(expect.arrayContaining(['WITHDRAWN', 'DECLINED']));
    expect(log.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['DISCLOSURE', 'REFUSAL', 'CONSENT', 'LOGIN', 'CHECK']));
    expect(stdout).toContain('LOGIN: multi-factor · PROVED');
    expect(stdout).toContain('CHECK: moi household-number');
  });

  it('uses one-time codes sent by SMS where she wants that', async () => {
    const { code, output } = await journey('--persona', 'adult-student', '--method', 'otp-sms');
    expect(output).toContain('She chooses:');
    expect(output).toContain('otp-sms');
    expect(code).toBe(0);
  });

  it('says what is wrong with a persona, a field or a hub that is not there', async () => {
    expect(await journey('--lang', 'fr')).toMatchObject({ code: 1, output: expect.stringContaining('--lang takes en or zh-TW') });
    expect(await journey('--persona', 'nobody')).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no persona "nobody"'),
    });
    expect(await journey('--fields', 'mohw.low-income:shoeSize')).toMatchObject({
      code: 1,
      output: expect.stringContaining('Not on the screen'),
    });
    expect(await run(JOURNEY, ['--hub', 'http://127.0.0.1:1'])).toMatchObject({ code: 1, output: expect.stringContaining('npm start') });
  });
});
