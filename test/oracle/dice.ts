import fc, { type GeneratorValue } from 'fast-check';

/** Small decisions of one random thing, each of which fast-check can make simpler. */
export interface Dice {
  /** 0 … n-1. */
  readonly below: (n: number) => number;
  /** True in so many of a hundred. */
  readonly chance: (percent: number) => boolean;
  readonly one: <T>(list: readonly T[]) => T;
  /** Some of them, at least so many, in their order. */
  readonly some: <T>(list: readonly T[], least?: number) => T[];
}

/** Decides by what fast-check's `fc.gen()` gives. */
export function diceOf(gen: GeneratorValue): Dice {
  const below = (n: number): number => (n <= 1 ? 0 : gen(fc.nat, { max: n - 1 }));
  const chance = (percent: number): boolean => below(100) >= 100 - percent;
  const one = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new RangeError('Nothing to choose from.');
    return found;
  };
  const some = <T>(list: readonly T[], least = 0): T[] => {
    const taken = list.filter(() => chance(60));
    for (const each of list) if (taken.length < Math.min(least, list.length) && !taken.includes(each)) taken.push(each);
    return list.filter((each) => taken.includes(each));
  };
  return { below, chance, one, some };
}
