import { describe, expect, it } from '@jest/globals';
import { onlyContractDirectives } from './onlyContractDirectives.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('onlyContractDirectives', () => {
  it('lets @dataset, @personal and @deprecated pass', () => {
    expect(says(onlyContractDirectives, SAMPLE)).toEqual([]);
    expect(
      saysOfChange(onlyContractDirectives, 'category: LowIncomeCategory', 'category: LowIncomeCategory @deprecated(reason: "x")'),
    ).toEqual([]);
  });

  it.each([
    '@override(from: "moi")',
    '@shareable',
    '@requires(fields: "x")',
    '@provides(fields: "x")',
    '@external',
    '@inaccessible',
    '@federation__override(from: "moi")',
    '@tag(name: "x")',
    '@authenticated',
    '@unheardOf',
  ])('refuses %s on a field', (directive) => {
    const [finding, ...others] = saysOfChange(
      onlyContractDirectives,
      'category: LowIncomeCategory',
      `category: LowIncomeCategory ${directive}`,
    );
    expect(finding).toContain(`${directive.replace(/\(.*/, '')}: refused: `);
    expect(others).toEqual([]);
  });

  it('refuses them on types and arguments too', () => {
    expect(saysOfChange(onlyContractDirectives, 'type ListedMember {', 'type ListedMember @interfaceObject {')).toHaveLength(1);
    expect(
      saysOfChange(onlyContractDirectives, 'cardNumber: String)', 'cardNumber: String @fromContext(field: "$x { id }"))'),
    ).toHaveLength(1);
  });

  it('says why @override is refused', () => {
    expect(says(onlyContractDirectives, 'type A { b: Int @override(from: "moi") }')).toEqual([
      "@override: refused: it moves another agency's field with no more than a hint.",
    ]);
  });
});
