import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import type { Service } from '../domain/consent.ts';
import { isDuration } from '../domain/duration.ts';
import { purposeOf } from '../domain/purpose.ts';
import { leafAt, SELF } from '../domain/registration.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,127}$/);
const bilingual = z.strictObject({ 'zh-TW': z.string().min(1).max(500), en: z.string().min(1).max(500) });

/** A registration as somebody writes it: a row of services.json, or of a bench or test. */
const serviceRow = z.strictObject({
  id,
  channel: z.enum(['ONLINE', 'COUNTER', 'DOWNLOAD']),
  provider: id,
  providerName: bilingual,
  ministry: id,
  name: bilingual,
  purpose: bilingual,
  /** Number of a specific purpose that gateway/domain/purpose.ts knows. */
  pdpaPurpose: z.string().regex(/^\d{3}$/),
  legalBasis: bilingual,
  mode: z.enum(['ONE_TIME', 'PERIOD']),
  longest: z.string().refine(isDuration, 'not an ISO 8601 duration'),
  /** Most uses of a PERIOD consent; absent: no cap. */
  maxUses: z.int().positive().max(10_000).optional(),
  datasets: z
    .array(
      z.strictObject({
        dataset: id,
        necessity: z.enum(['REQUIRED', 'CONDITIONAL', 'OPTIONAL']),
        /** Leaf paths; `*` stands for all of a dataset, in one's own download only. */
        fields: z.array(z.string().min(1).max(200)).min(1),
        /** Those of `fields` that tell about somebody else, named once more on purpose. */
        thirdPartyFields: z.array(z.string().max(200)).optional(),
        why: bilingual,
      }),
    )
    .min(1)
    .max(200),
  clients: z.array(id),
});

export type ServiceRow = z.infer<typeof serviceRow>;

/**
 * Reads rows, of services.json when none are given. Throws CONFIGURATION naming row and member of the first fault: a form that is not the
 * row's, a dataset or field that nobody offers, a third-party field not named as one, a purpose or dataset named twice.
 */
export function readServiceRows(rows: unknown, contract: Contract): readonly Service[] {
  const read = z.array(serviceRow).safeParse(rows);
  if (!read.success) throw new HubError('CONFIGURATION', `services: ${z.prettifyError(read.error)}`);
  return read.data.map((row) => registration(row, contract));
}

/** The catalogue's rows whose datasets this hub serves. */
export function seededRows(): unknown {
  return JSON.parse(readFileSync(new URL('./services.json', import.meta.url), 'utf8'));
}

function registration({ id: _id, pdpaPurpose, purpose: text, ...row }: ServiceRow, contract: Contract): Service {
  const fault = (what: string): never => {
    throw new HubError('CONFIGURATION', `service ${_id}: ${what}`);
  };
  const purpose = purposeOf(pdpaPurpose) ?? fault(`purpose ${pdpaPurpose} is not known here`);
  if (new Set(row.datasets.map(({ dataset }) => dataset)).size < row.datasets.length) fault('a dataset is named twice');
  const datasets = row.datasets.map(({ dataset, necessity, fields, thirdPartyFields = [], why }) => {
    const leaves = contract.datasets.get(dataset)?.leaves ?? fault(`dataset ${dataset} is not offered`);
    const isAll = fields.includes('*');
    if (isAll && row.provider !== SELF) fault(`"*" of ${dataset} is for one's own download only`);
    const named = isAll
      ? leaves
      : [...new Set(fields)].map((path) => leafAt(contract, dataset, path) ?? fault(`${dataset} has no field ${path}`));
    const others = named.filter(({ thirdParty }) => thirdParty).map(({ path }) => path);
    const unnamed = row.provider === SELF ? undefined : others.find((path) => !thirdPartyFields.includes(path));
    if (unnamed !== undefined) fault(`${dataset}:${unnamed} tells about somebody else, and thirdPartyFields does not name it`);
    const stray = thirdPartyFields.find((path) => !others.includes(path));
    if (stray !== undefined) fault(`${dataset}:${stray} is no third-party field among its fields`);
    return { dataset, necessity, fields: named.map(({ path }) => path), thirdPartyFields: others, why };
  });
  const { maxUses, mode } = row;
  return {
    ...row,
    _id,
    v: 1,
    version: 1,
    state: 'LIVE',
    purpose: { code: purpose.code, pdpa: pdpaPurpose, text },
    maxUses: mode === 'ONE_TIME' ? 1 : (maxUses ?? null),
    datasets,
  };
}
