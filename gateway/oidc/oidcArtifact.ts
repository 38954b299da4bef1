import { Schema, type Connection, type Model } from 'mongoose';

/** One thing that oidc-provider keeps: a session, an interaction, a code, a grant, a used jti. */
export interface OidcArtifact {
  /** SHA-256 of model and id: what a client or browser presents is not in the store. */
  readonly _id: string;
  readonly v: 1;
  readonly model: string;
  /** JSON: its members have names (resource URLs) that are no field names. Holds no token and no national ID. */
  readonly payload: string;
  readonly grantId: string | null;
  readonly uid: string | null;
  /** When it was used up, ms since the epoch; 0: not yet. */
  readonly consumedAt: number;
  /** Milliseconds since the epoch; checked on read by the model. */
  readonly expiresAt: number;
  /** When it may be forgotten, ms since the epoch: some are asked for after they ended. */
  readonly purgeAt: number;
}

const text = { type: String, required: true };
const number = { type: Number, required: true };
const key = { type: String, default: null };

/** Retention: until `purgeAt`, at most a day after use. Migration: none; when `v` changes, logins and refresh tokens begin anew. */
const artifactSchema = new Schema<OidcArtifact>(
  { _id: text, v: number, model: text, payload: text, grantId: key, uid: key, consumedAt: number, expiresAt: number, purgeAt: number },
  { versionKey: false, strict: 'throw' },
);
artifactSchema.index({ grantId: 1 });
artifactSchema.index({ uid: 1 });
artifactSchema.index({ purgeAt: 1 });

/** The collection `oidc` on the hub's connection, with its indexes. */
export async function openOidcArtifacts(connection: Connection): Promise<Model<OidcArtifact>> {
  const Artifacts = connection.model<OidcArtifact>('OidcArtifact', artifactSchema, 'oidc');
  await Artifacts.init();
  return Artifacts;
}
