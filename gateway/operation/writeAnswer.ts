import type { Shape } from './prune.ts';

type Data = Readonly<Record<string, unknown>>;

/**
 * Writes the answer in the client's shape: what the plan answered, and null where something was refused, whatever exists (docs/contract.md §2).
 * Every field below DataSubject is nullable, so a null goes no further up. graphql-js, executing the original document over the same data,
 * is the oracle in the tests.
 */
export function writeAnswer(shape: readonly Shape[], data: Data | null): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const field of shape) answer[field.key] = write(field, data === null ? undefined : own(data, field.key));
  return answer;
}

function write(field: Shape, value: unknown): unknown {
  switch (field.kind) {
    case 'COPY':
      return value ?? null;
    case 'REFUSED':
      return null;
    case 'TYPENAME':
      return field.value;
    case 'OBJECT':
      return writeObject(field.fields, value, field.present);
  }
}

function writeObject(fields: readonly Shape[], value: unknown, present: boolean): unknown {
  if (Array.isArray(value)) return value.map((element) => writeObject(fields, element, false));
  if (typeof value === 'object' && value !== null) return writeAnswer(fields, value as Data);
  return present ? writeAnswer(fields, null) : null;
}

function own(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}
