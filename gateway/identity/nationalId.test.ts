import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isNationalId, isUiNumber, parseNid } from './nationalId.ts';

describe('a national ID', () => {
  it.each(['A123456789', 'F131104093', 'B199999025', 'N299999090', 'U299999050'])('%s fits its check digit', (id) => {
    expect(isNationalId(id)).toBe(true);
    expect(isUiNumber(id)).toBe(false);
  });

  it.each(['A123456780', 'A323456789', 'a123456789', 'A12345678', 'A1234567890', '1234567890', '', 'A123456789\n'])('%j does not', (id) => {
    expect(isNationalId(id)).toBe(false);
  });

  it('shows every change of one digit, except where the weight hides it', () => {
    const wrong = [...'0123456789'].filter((digit) => digit !== '9' && isNationalId(`A12345678${digit}`));
    expect(wrong).toEqual([]);
  });
});

describe('a UI number', () => {
  it.each(['A800000014', 'A899999108', 'AC99999106'])('%s fits, in the form since 2021 or the one before', (id) => {
    expect(isUiNumber(id)).toBe(true);
    expect(isNationalId(id)).toBe(false);
  });

  it.each(['A800000015', 'A700000014', 'AE99999106', 'AC99999107'])('%s does not', (id) => {
    expect(isUiNumber(id)).toBe(false);
  });
});

describe('what a person types', () => {
  it('is forgiven its width, case, blanks and hyphens', () => {
    expect(parseNid(' a1234-56789 ')).toEqual({ kind: 'NATIONAL_ID', value: 'A123456789' });
    expect(parseNid('Ａ１２３４５６７８９')).toEqual({ kind: 'NATIONAL_ID', value: 'A123456789' });
    expect(parseNid('ac99999106')).toEqual({ kind: 'UI_NUMBER', value: 'AC99999106' });
  });

  it('gives a number that passes its own check, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Z][0-9A-D][0-9]{8}$/)), (text) => {
        const nid = parseNid(text);
        return nid === null || (nid.kind === 'NATIONAL_ID' ? isNationalId(nid.value) : isUiNumber(nid.value));
      }),
    );
  });
});
