import { describe, expect, it } from '@jest/globals';
import { ERRORS, HubError, type ErrorCode } from './errors.ts';

describe('the table of errors', () => {
  it.each(Object.entries(ERRORS))('%s speaks both languages and has an HTTP status', (_code, { en, zh, status }) => {
    expect(en).toMatch(/^[A-Z].*[.!]$/);
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/);
    expect([200, 400, 401, 403, 404, 409, 429, 500, 503]).toContain(status);
  });

  it("blames the hub only for what is the hub's", () => {
    const ours = Object.entries(ERRORS).filter(([, { status }]) => status >= 500);
    for (const [code, { audience }] of ours) expect(`${code} ${audience}`).not.toContain('citizen');
  });
});

describe('an error', () => {
  const error = new HubError('CONSENT_EXPIRED', 'mohw.low-income', { cause: new Error('inner') });

  it('takes status and sentence from the table', () => {
    expect([error.status, error.sentence('en'), error.sentence('zh-TW')]).toEqual([200, 'This consent has ended.', '同意的期間已結束。']);
  });

  it('says what and where, and keeps its cause', () => {
    expect(error.message).toBe('This consent has ended. mohw.low-income');
    expect((error.cause as Error).message).toBe('inner');
    expect(new HubError('INTERNAL' satisfies ErrorCode).message).toBe(ERRORS.INTERNAL.en);
  });
});
