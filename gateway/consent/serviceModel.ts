import { Schema, type Connection, type Model } from 'mongoose';
import type { Service } from '../domain/consent.ts';

export type ServiceModel = Model<Service>;

const text = { type: String, required: true } as const;
const strict = { _id: false, strict: 'throw' } as const;
const bilingual = new Schema({ 'zh-TW': text, en: text }, strict);

/**
 * Retention: as long as any consent names the service; a service that ends is SUSPENDED, not deleted.
 * Migration: registrations come from services.json and from registration calls; a new form is written over the old at the next start.
 */
const serviceSchema = new Schema(
  {
    _id: text,
    v: { type: Number, required: true },
    version: { type: Number, required: true },
    state: text,
    channel: text,
    provider: text,
    providerName: bilingual,
    ministry: text,
    name: bilingual,
    purpose: new Schema({ code: text, pdpa: text, text: bilingual }, strict),
    legalBasis: bilingual,
    mode: text,
    longest: text,
    maxUses: { type: Number, default: null },
    datasets: [new Schema({ dataset: text, necessity: text, fields: [String], thirdPartyFields: [String], why: bilingual }, strict)],
    clients: [String],
  },
  { versionKey: false, strict: 'throw', minimize: false },
);

/** The registered services on the `hub` connection. */
export function serviceModel(connection: Connection): ServiceModel {
  return (
    (connection.models['Service'] as ServiceModel | undefined) ??
    (connection.model('Service', serviceSchema, 'services') as unknown as ServiceModel)
  );
}
