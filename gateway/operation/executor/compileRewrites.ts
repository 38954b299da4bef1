import type { FetchDataRewrite } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { getOwn, isObject, setOwn, type Data } from './mergeData.ts';
import { typeNamesOf } from './typeNames.ts';

export interface Rewrites {
  /** Changes an object of an answer, or a representation, in place. */
  readonly apply: (value: Data) => void;
  /** A path below it, as it is called after the change. */
  readonly rename: (path: readonly (string | number)[]) => readonly (string | number)[];
}

interface Rewrite {
  readonly steps: readonly Step[];
  readonly key: string;
  readonly change: (value: Data) => void;
  /** The new name of `key`, if that is what changes. */
  readonly name: string | null;
}

/** A key to go down by, or the types that a change is for. */
type Step = string | ReadonlySet<string>;

const FRAGMENT = '... on ';

/** Compiles a fetch's rewrites; null when it has none. */
export function compileRewrites(whole: GraphQLSchema, rewrites: readonly FetchDataRewrite[] | undefined): Rewrites | null {
  if (rewrites === undefined || rewrites.length === 0) return null;
  const compiled = rewrites.map((rewrite) => compileRewrite(whole, rewrite));
  return {
    apply: (value) => compiled.forEach(({ steps, change }) => applyAt(steps, 0, value, change)),
    rename: (path) => compiled.reduce(renamed, path),
  };
}

function compileRewrite(whole: GraphQLSchema, rewrite: FetchDataRewrite): Rewrite {
  const key = rewrite.path.at(-1) ?? '';
  const steps = rewrite.path
    .slice(0, -1)
    .map((step) => (step.startsWith(FRAGMENT) ? typeNamesOf(whole, step.slice(FRAGMENT.length)) : step));
  if (rewrite.kind === 'ValueSetter') {
    const value = rewrite.setValueTo as unknown;
    return { steps, key, name: null, change: (object) => setOwn(object, key, value) };
  }
  const name = rewrite.renameKeyTo;
  const change = (object: Data) => {
    const value = getOwn(object, key);
    if (value === undefined) return;
    setOwn(object, name, value);
    setOwn(object, key, undefined);
  };
  return { steps, key, name, change };
}

function applyAt(steps: readonly Step[], at: number, value: unknown, change: (value: Data) => void): void {
  if (Array.isArray(value)) return value.forEach((element) => applyAt(steps, at, element, change));
  if (!isObject(value)) return;
  const step = steps[at];
  if (step === undefined) change(value);
  else if (typeof step === 'string') applyAt(steps, at + 1, getOwn(value, step), change);
  else if (isOneOf(step, getOwn(value, '__typename'))) applyAt(steps, at + 1, value, change);
}

/** An object that does not say what it is was asked as one type alone. */
function isOneOf(names: ReadonlySet<string>, typename: unknown): boolean {
  return typeof typename !== 'string' || typename === '' || names.has(typename);
}

function renamed(path: readonly (string | number)[], { steps, key, name }: Rewrite): readonly (string | number)[] {
  if (name === null) return path;
  const keys = [...steps.filter((step) => typeof step === 'string'), key];
  const places = [...path.keys()].filter((index) => typeof path[index] === 'string');
  const last = places[keys.length - 1];
  return last !== undefined && keys.every((each, index) => path[places[index] ?? -1] === each) ? path.with(last, name) : path;
}
