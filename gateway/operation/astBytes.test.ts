import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { astBytes } from './astBytes.ts';

const weigh = (text: string) => astBytes(parse(text, { noLocation: true }));

describe('the weight of a document', () => {
  it('grows with what is in it, by the whole tree', () => {
    const one = weigh('{ me { person { name } } }');
    const two = weigh('{ me { person { name } } again: me { person { name } } }');
    expect(one).toBeGreaterThan(1_000);
    expect(two - one).toBeGreaterThan(one / 2);
  });

  it('does not care how deep it is', () => {
    const deep = 500;
    expect(weigh(`{ ${'a { '.repeat(deep)} b ${'} '.repeat(deep)} }`)).toBeGreaterThan(deep * 200);
  });
});
