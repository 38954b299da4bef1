import { createRequire } from 'node:module';
import type mongoose from 'mongoose';
import type { Doc } from './value.ts';

/** What mongoose's own driver for MongoDB exports, as far as we build on it. Its package has no types for it. */
export interface NativeDriver {
  readonly Connection: new (base: mongoose.Mongoose) => mongoose.Connection;
  readonly Collection: unknown;
  readonly BulkWriteResult: new (result: Doc, ordered: boolean) => mongoose.mongo.BulkWriteResult;
}

export const native = createRequire(import.meta.url)('mongoose/lib/drivers/node-mongodb-native') as NativeDriver;
