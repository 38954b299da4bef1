import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../store/openStore.ts';
import { NOW, nationalId, queryFor, readWarrant, representing, STUDENT } from '../../test/fixtures/agencies.ts';
import { AGENCY_FOLDERS, openAgency } from '../agencies.ts';
import type { AgencyFolder, DatasetFolder } from './agencyFolder.ts';
import { createAgency } from './createAgency.ts';
import { openRegister } from './register.ts';
import { runAgency } from './runAgency.ts';
import { warrantKeyNamed } from '../../test/fixtures/warrantKeys.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-'));
  store = await openStore({ dataDir: folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const clock = { now: () => NOW, registerDate: () => '2019-12-20' };
const moi = AGENCY_FOLDERS.get('moi');
if (moi === undefined) throw new Error('no agency');

/** moi with one of its datasets changed. */
function changed(type: string, change: Partial<DatasetFolder>, sdl = (text: string) => text): AgencyFolder {
  return {
    ...moi,
    id: 'moi',
    sdl: sdl(moi?.sdl ?? ''),
    definition: {},
    factors: new Map(),
    datasets: (moi?.datasets ?? []).map((dataset) => (dataset.type === type ? { ...dataset, ...change } : dataset)),
  };
}

const FIELDS = { 'moi.household.personal': ['name'], 'moi.land.cadastre-price': ['landNumber'] };
async function ask(agencyFolder: AgencyFolder, database: string) {
  const agency = await createAgency({ folder: agencyFolder, connection: await store.database(database), ...clock });
  await agency.seed();
  const query = queryFor(agency.shapes, FIELDS);
  return agency.answer({
    query,
    variables: representing(),
    warrant: readWarrant('moi', query, { fld: FIELDS, nid: nationalId(STUDENT) }),
    request: 'request-1',
  });
}

describe('an agency', () => {
  it('that cannot read one register answers with the others, and tells nothing of why', async () => {
    const broken = { load: () => Promise.reject(new Error(`no row for ${STUDENT} in /srv/register`)) };
    const answer = await ask(changed('CadastrePrice', broken), 'agency_broken');
    expect(JSON.parse(JSON.stringify(answer))).toEqual({
      data: {
        _entities: [
          {
            __typename: 'DataSubject',
            id: representing().representations[0]?.id,
            householdPersonal: { name: '李例勤' },
            cadastrePrice: null,
          },
        ],
      },
      errors: [
        {
          message: 'The agency did not answer; its fields are missing from this answer.',
          path: ['_entities', 0, 'cadastrePrice'],
          extensions: { code: 'SOURCE_UNAVAILABLE' },
        },
      ],
      extensions: {
        datasets: {
          'moi.household.personal': { state: 'AVAILABLE', asOf: '2019-12-20' },
          'moi.land.cadastre-price': { state: 'UNAVAILABLE', asOf: '2019-12-20' },
        },
      },
    });
  });

  it('never quotes a value that does not fit its type', async () => {
    const records = new Map([[STUDENT, [{ name: { secret: 'value' } }]]]);
    const answer = await ask(changed('HouseholdPersonal', { records }), 'agency_wrong');
    expect(answer.errors).toHaveLength(1);
    expect(JSON.stringify(answer.errors)).not.toContain('secret');
  });

  it('says that a dataset is pending whose register still awaits its data', async () => {
    const answer = await ask(
      changed('CadastrePrice', {}, (sdl) =>
        sdl.replace('id: "moi.land.cadastre-price"', 'id: "moi.land.cadastre-price", awaits: "moi.npa"'),
      ),
      'agency_pending',
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.extensions?.datasets?.['moi.land.cadastre-price']).toEqual({ state: 'PENDING', asOf: '2019-12-20' });
  });

  it('does not start when its SDL and its code disagree', async () => {
    const connection = await store.database('agency_disagrees');
    await expect(createAgency({ folder: changed('CadastrePrice', { type: 'Other' }), connection, ...clock })).rejects.toMatchObject({
      code: 'CONTRACT_BROKEN',
    });
    await expect(createAgency({ folder: { ...changed('', {}), datasets: [] }, connection, ...clock })).rejects.toMatchObject({
      code: 'CONTRACT_BROKEN',
    });
    await expect(createAgency({ folder: { ...changed('', {}), id: 'mof' }, connection, ...clock })).rejects.toMatchObject({
      code: 'CONTRACT_BROKEN',
    });
  });

  it('is one of those there are', async () => {
    await expect(openAgency('moj', { connection: await store.database('agency_moj'), ...clock })).rejects.toMatchObject({
      code: 'CONFIGURATION',
    });
  });
});

describe('an agency’s registers', () => {
  it('are read once for all datasets of an operation', async () => {
    const connection = await store.database('agency_once');
    const agency = await openAgency('moi', { connection, ...clock });
    await agency.seed();
    const find = jest.spyOn(connection.model('RegisterEntry'), 'find');
    const findOne = jest.spyOn(connection.model('RegisterEntry'), 'findOne');
    const query = queryFor(agency.shapes, FIELDS).replace('householdPersonal', 'again:householdPersonal{name} householdPersonal');
    await agency.answer({ query, variables: representing(), warrant: readWarrant('moi', query, { fld: FIELDS }), request: 'request-1' });
    expect(find.mock.calls.length + findOne.mock.calls.length).toBe(1);
  });

  it('are seeded again without a write when nothing differs, and mended when something does', async () => {
    const connection = await store.database('agency_seeded');
    const agency = await openAgency('mohw', { connection, ...clock });
    await agency.seed();
    const write = jest.spyOn(connection.model('RegisterEntry'), 'updateOne');
    await agency.seed();
    expect(write).not.toHaveBeenCalled();
    await connection.model('RegisterEntry').updateOne({ _id: `mohw.low-income:${STUDENT}` }, { $set: { records: [] } });
    write.mockClear();
    await agency.seed();
    expect(write).toHaveBeenCalledTimes(1);
    const register = await openRegister(connection);
    expect(await register.entries([`mohw.low-income:${STUDENT}`, 'mohw.low-income:nobody'])).toEqual([
      [expect.objectContaining({ category: 'LOW_INCOME' })],
      null,
    ]);
  });
});

describe('an agency alone', () => {
  const gateway = warrantKeyNamed('gateway-1');
  const options = {
    agency: 'mol',
    host: '127.0.0.1',
    port: 0,
    keys: { own: [warrantKeyNamed('mol-1')], gateways: [gateway] },
    ...clock,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    open: openAgency,
    database: (id: string) => `agency_${id}`,
  };

  it('opens its store, seeds, serves, and closes all three', async () => {
    const dataDir = join(folder, 'alone');
    for (let start = 0; start < 2; start += 1) {
      const running = await runAgency({ ...options, dataDir, demonstration: { registerDate: '2019-12-20' } });
      const response = await fetch(`http://127.0.0.1:${running.port}/graphql`, { method: 'POST' });
      expect(response.status).toBe(401);
      await running.close();
    }
  });

  it('gives its store back when it cannot start', async () => {
    const dataDir = join(folder, 'elsewhere');
    await expect(runAgency({ ...options, dataDir, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await expect(runAgency({ ...options, dataDir, agency: 'moj' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    const running = await runAgency({ ...options, dataDir });
    await running.close();
  });
});
