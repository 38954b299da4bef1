import type { Connection } from 'mongoose';
import { benchRecords } from './citizens.ts';

type Entry = { readonly records: readonly object[] } | null;

/**
 * The registers of the bench's citizens, held in memory behind the few calls that an agency makes of its database. What a register costs is its
 * agency's affair: so it is left out of the rows where the agencies live in the gateway's process, as it is where they do not.
 */
export function memoryRegister(): Connection {
  const people = new Map<number, ReturnType<typeof benchRecords>>();

  /** `<dataset>:Z0<number>`. */
  function entry(id: string): Entry {
    const [dataset = '', key = ''] = id.split(':');
    const number = Number(key.slice(2));
    let all = people.get(number);
    if (all === undefined) people.set(number, (all = benchRecords(number)));
    const records = all.get(dataset);
    return records === undefined ? null : { records };
  }

  const model = {
    init: async () => undefined,
    findOne: ({ _id }: { readonly _id: string }) => ({ lean: async () => entry(_id) }),
    find: ({ _id }: { readonly _id: { readonly $in: readonly string[] } }) => ({
      lean: async () => _id.$in.flatMap((id) => (entry(id) === null ? [] : [{ _id: id, ...entry(id) }])),
    }),
  };
  return { model: () => model } as unknown as Connection;
}
