import { describe, expect, it } from '@jest/globals';
import { onlyObjectsAndEnums } from './onlyObjectsAndEnums.ts';
import { SAMPLE, says } from './sampleAgency.ts';

describe('onlyObjectsAndEnums', () => {
  it('lets objects and enums pass', () => expect(says(onlyObjectsAndEnums, SAMPLE)).toEqual([]));

  it('refuses a scalar that could hide a record', () => {
    expect(says(onlyObjectsAndEnums, 'scalar JSON')).toEqual([
      'JSON: an agency has no scalars of its own. Use Date, DateTime, YearMonth, Money or a built-in one.',
    ]);
    expect(says(onlyObjectsAndEnums, 'extend scalar Date @specifiedBy(url: "x")')).toHaveLength(1);
  });

  it('refuses input types', () => {
    expect(says(onlyObjectsAndEnums, 'input Filter { a: Int }')).toEqual([
      'Filter: an agency has no input types. A key is an argument with a scalar type.',
    ]);
  });
});
