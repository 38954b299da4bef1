import type { Complete } from './completeLeaf.ts';
import { isObject } from './mergeData.ts';

/** Writes what stands at one place, as JSON. Null: nothing can stand there, and what is around it is null in its place (GraphQL §6.4.4). */
export type Write = (value: unknown, writing: Writing) => string | null;

/** One writing of an answer. */
export interface Writing {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Places of values that do not fit, each from the inside out: they are rare, so that nothing is kept about places that fit. */
  readonly unfit: (string | number)[][];
}

/** The value at this place does not fit: nothing is written, and those around add their steps to the place. */
export function misfit(_value: unknown, writing: Writing): null {
  writing.unfit.push([]);
  return null;
}

/** A leaf that may be null: most of an answer, and therefore one step instead of two. */
export function writeNullableLeaf(complete: Complete): Write {
  return (value, writing) => {
    if (value === null || value === undefined) return 'null';
    const text = complete(value);
    if (text === null) misfit(value, writing);
    return text ?? 'null';
  };
}

/** Of a type that may be null: what does not fit is null. */
export function writeNullable(write: Write): Write {
  return (value, writing) => (value === null || value === undefined ? 'null' : (write(value, writing) ?? 'null'));
}

/** Of a type that may not: a null is a misfit here, unless it is told deeper. */
export function writeNonNull(write: Write): Write {
  return (value, writing) => {
    const before = writing.unfit.length;
    const text = value === null || value === undefined ? null : write(value, writing);
    return text === null && writing.unfit.length === before ? misfit(value, writing) : text;
  };
}

/** A list; null where one of its elements may not be null and is. */
export function writeList(write: Write): Write {
  return (value, writing) => {
    if (!Array.isArray(value)) return misfit(value, writing);
    let text = '[';
    let whole = true;
    for (let index = 0; index < value.length; index += 1) {
      const before = writing.unfit.length;
      const element = write(value[index], writing);
      if (writing.unfit.length !== before) enter(writing, before, index);
      if (element === null) whole = false;
      else text += index === 0 ? element : `,${element}`;
    }
    return whole ? `${text}]` : null;
  };
}

/** A member of an object: known beforehand, or written from the value's member of the same key. */
export type Member = { readonly key: string; readonly text: string } | { readonly key: string; readonly write: Write };

/** Writes an object's members in order; null where one of them may not be null and is. */
export function writeObject(members: readonly Member[]): Write {
  const { parts, end } = joinConstants(members);
  return (value, writing) => {
    if (!isObject(value)) return misfit(value, writing);
    let text = '';
    for (const part of parts) {
      const { key } = part;
      const before = writing.unfit.length;
      const member = part.write(part.inherited && !Object.hasOwn(value, key) ? undefined : value[key], writing);
      if (writing.unfit.length !== before) enter(writing, before, key);
      if (member === null) return null;
      text += part.start + member;
    }
    return text + end;
  };
}

interface Part {
  /** Everything from the member before up to the value. */
  readonly start: string;
  readonly key: string;
  /** Whether every object has such a member by its prototype. */
  readonly inherited: boolean;
  readonly write: Write;
}

function joinConstants(members: readonly Member[]): { readonly parts: readonly Part[]; readonly end: string } {
  const parts: Part[] = [];
  let start = '{';
  for (const [index, member] of members.entries()) {
    start += `${index === 0 ? '' : ','}${JSON.stringify(member.key)}:`;
    if ('text' in member) {
      start += member.text;
      continue;
    }
    const { key, write } = member;
    parts.push({ start, key, inherited: key in Object.prototype, write });
    start = '';
  }
  return { parts, end: `${start}}` };
}

/** Adds a step to the places that were noted since. */
function enter({ unfit }: Writing, since: number, step: string | number): void {
  for (let index = since; index < unfit.length; index += 1) unfit[index]?.push(step);
}
