import type { Model } from 'mongoose';
import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import { sha256 } from '../../schema/canonical.ts';
import type { Clock } from '../domain/clock.ts';
import type { OidcArtifact } from './oidcArtifact.ts';

/** How long a pushed request is kept after its minute: the interaction that it began asks for it when it ends. */
const PUSHED_KEPT = 3_600_000;

/** Thrown where an id that must be new was seen before (a DPoP proof, a client assertion). */
export class SeenBefore extends errors.InvalidRequest {
  constructor() {
    super('this proof or assertion was used before');
  }
}

/**
 * oidc-provider's storage on our store. The library reads and then writes; what must happen once is decided here by one write:
 * `consume` is a conditional update that throws when it matched nothing, a used jti is an insert on a unique key.
 * Expiry is checked by the library's models on each read (no TTL); {@link sweepArtifacts} only tidies.
 */
export function createAdapter(Artifacts: Model<OidcArtifact>, now: Clock): AdapterFactory {
  return (model) => new StoreAdapter(model, Artifacts, now);
}

/** Deletes what has been over for long enough. `at` in ms since the epoch. */
export async function sweepArtifacts(Artifacts: Model<OidcArtifact>, at: number): Promise<void> {
  await Artifacts.deleteMany({ purgeAt: { $lt: at } });
}

class StoreAdapter implements Adapter {
  readonly #model: string;
  readonly #artifacts: Model<OidcArtifact>;
  readonly #now: Clock;

  constructor(model: string, artifacts: Model<OidcArtifact>, now: Clock) {
    this.#model = model;
    this.#artifacts = artifacts;
    this.#now = now;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const expiresAt = payload.exp !== undefined ? payload.exp * 1000 : this.#now() + (expiresIn ?? 0) * 1000;
    const fields = {
      v: 1 as const,
      model: this.#model,
      payload: JSON.stringify(withoutId(payload, id)),
      grantId: payload.grantId ?? null,
      uid: payload.uid ?? null,
      expiresAt,
      purgeAt: expiresAt + (this.#model === 'PushedAuthorizationRequest' ? PUSHED_KEPT : 0),
    };
    if (this.#model === 'ReplayDetection') await this.#insertOnce(this.#key(id), fields);
    else await this.#artifacts.updateOne({ _id: this.#key(id) }, { $set: fields, $setOnInsert: { consumedAt: 0 } }, { upsert: true });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    // Clients are registered in the configuration, nowhere else.
    if (this.#model === 'Client') return undefined;
    const stored = await this.#artifacts.findOne({ _id: this.#key(id) }).lean();
    return stored === null ? undefined : withId(stored, id);
  }

  /** Sessions by the id that interactions carry; the cookie's own id stays unknown here. */
  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const stored = await this.#artifacts.findOne({ uid, model: this.#model }).lean();
    return stored === null ? undefined : (JSON.parse(stored.payload) as AdapterPayload);
  }

  /** The device flow is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const { modifiedCount } = await this.#artifacts.updateOne({ _id: this.#key(id), consumedAt: 0 }, { $set: { consumedAt: this.#now() } });
    if (modifiedCount === 1) return;
    if (this.#model === 'PushedAuthorizationRequest')
      throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    await this.#artifacts.deleteOne({ _id: this.#key(id) });
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#artifacts.deleteMany({ grantId, model: this.#model });
  }

  #key(id: string): string {
    return sha256(`${this.#model}\0${id}`);
  }

  /** Of any number at once exactly one succeeds; an entry whose time is over gives way. */
  async #insertOnce(_id: string, fields: Omit<OidcArtifact, '_id' | 'consumedAt'>): Promise<void> {
    try {
      await this.#artifacts.insertMany([{ _id, consumedAt: 0, ...fields }]);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const { modifiedCount } = await this.#artifacts.updateOne({ _id, expiresAt: { $lte: this.#now() } }, { $set: fields });
      if (modifiedCount !== 1) throw new SeenBefore();
    }
  }
}

/** What identifies the artifact to a browser or client is left out, wherever the library repeats it. */
function withoutId({ jti: _jti, ...payload }: AdapterPayload, id: string): AdapterPayload {
  if (payload.session !== undefined) {
    const { cookie: _cookie, ...session } = payload.session;
    payload.session = session;
  }
  if (payload.returnTo !== undefined) payload.returnTo = payload.returnTo.replace(id, '');
  return payload;
}

function withId({ payload: json, consumedAt }: OidcArtifact, id: string): AdapterPayload {
  const payload = JSON.parse(json) as AdapterPayload;
  if (payload.returnTo !== undefined) payload.returnTo += id;
  return { ...payload, jti: id, ...(consumedAt > 0 && { consumed: Math.floor(consumedAt / 1000) }) };
}

/** Whether a write failed on a unique key. */
export function isDuplicate(error: unknown): boolean {
  const { code, writeErrors } = error as { code?: unknown; writeErrors?: readonly { code?: unknown }[] };
  return code === 11000 || (writeErrors?.some((one) => one.code === 11000) ?? false);
}
