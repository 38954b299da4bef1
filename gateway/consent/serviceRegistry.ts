import type { Connection } from 'mongoose';
import { canonicalJson } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import { freshReads } from '../../store/freshRead.ts';
import type { Service } from '../domain/consent.ts';
import { serviceModel } from './serviceModel.ts';
import { readServiceRows, seededRows } from './serviceRows.ts';

export interface ServiceRegistry {
  /** The service as registered now, read as fresh as a consent; null: unknown. */
  read(id: string): Promise<Service | null>;
  /**
   * Registers rows (those of services.json when none are given), or registers them anew: the version goes up when something changed, the state
   * stays. Throws CONFIGURATION naming the first fault; then none of them is registered.
   */
  register(rows?: unknown): Promise<readonly Service[]>;
  /** Takes a service out of use, or back into it. Throws SERVICE_UNKNOWN. */
  setState(id: string, state: Service['state']): Promise<void>;
  list(): Promise<readonly Service[]>;
}

/** Memory for services, where they may be held: all of some hundreds. */
const HELD_BYTES = 8 * 1024 * 1024;

const readService = freshReads<Service, Service>((stored) => stored, HELD_BYTES);

/** The registered services: upper bounds of every consent. `contract` is asked anew each time: a supergraph may change while the hub runs. */
export async function openServiceRegistry(connection: Connection, contract: () => Contract): Promise<ServiceRegistry> {
  const model = serviceModel(connection);
  await model.init();
  const read = (id: string): Promise<Service | null> => readService(model, id);

  /** One conditional update on the version that was read; another process that registers at the same time makes it try again. */
  async function put(service: Service): Promise<Service> {
    for (;;) {
      const before = await read(service._id);
      if (before === null) {
        const result = await model.updateOne({ _id: service._id }, { $setOnInsert: withoutId(service) }, { upsert: true });
        if (result.upsertedCount === 1) return service;
        continue;
      }
      const next = { ...service, state: before.state, version: before.version };
      if (canonicalJson(next) === canonicalJson(before)) return before;
      const changed = { ...next, version: before.version + 1 };
      const result = await model.updateOne({ _id: service._id, version: before.version }, { $set: withoutId(changed) });
      if (result.matchedCount === 1) return changed;
    }
  }

  return {
    read,
    async register(rows = seededRows()) {
      const services = readServiceRows(rows, contract());
      const registered: Service[] = [];
      for (const service of services) registered.push(await put(service));
      return registered;
    },
    async setState(id, state) {
      const result = await model.updateOne({ _id: String(id) }, { $set: { state }, $inc: { version: 1 } });
      if (result.matchedCount === 0) throw new HubError('SERVICE_UNKNOWN', id);
    },
    list: () => model.find({}).sort({ _id: 1 }).lean<Service[]>().exec(),
  };
}

function withoutId({ _id, ...members }: Service): Omit<Service, '_id'> {
  return members;
}
