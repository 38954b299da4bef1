import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Connection } from 'mongoose';
import type { AgencyAnswer, AgencyRequest, AnsweringAgency, CheckRequest, DatasetStanding } from '../../schema/agencyTransport.ts';
import { sha256 } from '../../schema/canonical.ts';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import { admit, type AdmittedRequest, type AgencyContext } from './agencyContext.ts';
import type { AgencyFolder, DatasetFolder } from './agencyFolder.ts';
import { operationRunner } from './operationRunner.ts';
import { readAgencyOperation, type AgencyOperation } from './agencyOperation.ts';
import { agencySchema } from './agencySchema.ts';
import { readDatasetShapes, type DatasetShape } from './datasetShape.ts';
import type { RegisterRecord } from './defineDataset.ts';
import { neutralError } from './neutralErrors.ts';
import { rateLimit } from './rateLimit.ts';
import { openRegister, type Register } from './register.ts';
import { replayWindow } from './replayWindow.ts';
import { firstRefusal, PREDICATE_CHECKS, QUERY_CHECKS, type Presented } from './warrantChecks.ts';

export interface AgencyOptions {
  readonly folder: AgencyFolder;
  /** The agency's own database. */
  readonly connection: Connection;
  readonly now: () => number;
  /** The register's own date, YYYY-MM-DD: it decides which records are current, and is the `asOf` of answers. */
  readonly registerDate: () => string;
  /** Yes/no checks about one subject: default 200 in ten minutes. */
  readonly checkLimit?: { readonly times: number; readonly perMs: number };
}

/** What passed every check: what to execute, and the context to do it in. */
export interface Admitted {
  readonly context: AgencyContext;
  readonly operation: AgencyOperation;
}

/** What came of the checks, or the code of the first that refused. */
export type Admission = Admitted | { readonly refused: ErrorCode };

/** A running agency. */
export interface Agency extends AnsweringAgency {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly shapes: readonly DatasetShape[];
  /** All checks on an opened warrant and what was sent under it, in the contract's order. */
  admit(claims: WarrantClaims, query: string, variables: Readonly<Record<string, unknown>>): Admission;
  /** Executes what was admitted. Rejects with REQUEST_MALFORMED for a variable that does not fit its type. */
  run(admitted: Admitted, variables: Readonly<Record<string, unknown>>): Promise<AgencyAnswer>;
  /** Writes the folder's synthetic records into the agency's database. Idempotent; for the demonstration only. */
  seed(): Promise<void>;
}

const OPERATIONS_KEPT = 1000;
/** A predicate's argument has at most this many characters. */
const MAX_ARGUMENT = 1000;

/** Builds an agency from its folder on its own database. Throws CONTRACT_BROKEN when SDL and `dataset.ts` disagree. */
export async function createAgency(options: AgencyOptions): Promise<Agency> {
  const { folder, connection, now } = options;
  const register = await openRegister(connection);
  const { schema, shapes } = agencySchema(folder.sdl, (built) => readDatasetShapes(built, folder.id));
  const datasets = pair(folder, shapes);
  const runOperation = operationRunner(schema);
  const operations = new LRUCache<string, AgencyOperation>({ max: OPERATIONS_KEPT });
  const takeOnce = replayWindow(now);
  const mayCheck = rateLimit({ ...(options.checkLimit ?? { times: 200, perMs: 600_000 }), now });
  const predicates = new Map(Object.entries(folder.definition.predicates ?? {}));

  const checker = () => ({ agency: folder.id, now: now() / 1000, takeOnce });

  function admitQuery(claims: WarrantClaims, query: string, variables: Readonly<Record<string, unknown>>): Admission {
    const known = operations.get(query);
    let operation = known ?? null;
    const presented: Presented = {
      claims,
      digest: known?.hash ?? sha256(query),
      variables,
      /** Read when the first check asks for it: a text that the warrant is not for is never parsed. */
      get operation() {
        operation ??= readAgencyOperation(query, schema, shapes);
        return operation;
      },
    };
    const refused = firstRefusal(QUERY_CHECKS, presented, checker());
    if (refused !== null) return { refused };
    if (operation === null) return { refused: 'WARRANT_SUBJECT' };
    if (known === undefined) operations.set(query, operation);
    return { context: admit(requestFor(claims, datasets, register, options.registerDate())), operation };
  }

  async function run({ context, operation }: Admitted, variables: Readonly<Record<string, unknown>>): Promise<AgencyAnswer> {
    const { data, errors } = await runOperation(operation, context, variables);
    // No data at all: it did not begin, because a variable does not fit its type.
    if (data === undefined) throw new HubError('REQUEST_MALFORMED', `${folder.id}.`);
    return {
      data,
      ...(errors && { errors: errors.map(neutralError) }),
      extensions: { datasets: Object.fromEntries(context.request.standings) },
    };
  }

  async function check({ predicate, arguments: args, warrant }: CheckRequest): Promise<boolean> {
    const refused = firstRefusal(
      PREDICATE_CHECKS,
      { claims: warrant, operation: null, digest: sha256(predicate), variables: args },
      checker(),
    );
    if (refused !== null) throw new HubError(refused);
    const answer = predicates.get(predicate);
    const { nid } = warrant;
    if (answer === undefined || nid === undefined) throw new HubError('CHECK_UNKNOWN');
    if (!Object.values(args).every((value) => typeof value === 'string' && value.length <= MAX_ARGUMENT))
      throw new HubError('REQUEST_MALFORMED');
    if (!mayCheck(`${nid.kind}:${nid.value}`)) throw new HubError('TOO_MANY_REQUESTS');
    try {
      return await answer({ arguments: args, nid, factor: (name) => register.factor(name, nid.value) });
    } catch (cause) {
      throw new HubError('SOURCE_UNAVAILABLE', `${folder.id}: the register could not be read.`, { cause });
    }
  }

  return {
    id: folder.id,
    schema,
    sdl: folder.sdl,
    shapes,
    admit: admitQuery,
    check,
    run,
    answer({ query, variables, warrant }: AgencyRequest): Promise<AgencyAnswer> {
      const admission = admitQuery(warrant, query, variables);
      return 'refused' in admission ? Promise.reject(new HubError(admission.refused)) : run(admission, variables);
    },
    async seed() {
      const records = new Map([...datasets].map(([id, { definition }]) => [id, definition.records]));
      await register.seed(records, folder.factors);
    },
  };
}

interface AgencyDataset {
  readonly shape: DatasetShape;
  readonly definition: DatasetFolder;
}

/** Each dataset of the SDL with its code, one to one, by its id. */
function pair({ id, datasets }: AgencyFolder, shapes: readonly DatasetShape[]): Map<string, AgencyDataset> {
  const byType = new Map(datasets.map((definition) => [definition.type, definition]));
  if (byType.size !== shapes.length)
    throw new HubError('CONTRACT_BROKEN', `${id}: ${shapes.length} datasets in SDL, ${byType.size} in code.`);
  const pairs = shapes.map((shape): [string, AgencyDataset] => {
    const definition = byType.get(shape.type);
    if (definition === undefined) throw new HubError('CONTRACT_BROKEN', `${shape.id}: no dataset.ts has the type ${shape.type}.`);
    return [shape.id, { shape, definition }];
  });
  return new Map(pairs);
}

/** One request: one DataLoader, so that all datasets of an operation are one read of the register. */
function requestFor(
  claims: WarrantClaims,
  datasets: ReadonlyMap<string, AgencyDataset>,
  register: Register,
  asOf: string,
): AdmittedRequest {
  const loader = new DataLoader<string, readonly RegisterRecord[] | null>((ids) => register.entries(ids));
  const read = (dataset: string, key: string) => loader.load(`${dataset}:${key}`);
  const standings = new Map<string, DatasetStanding>();
  return {
    claims,
    standings,
    async records(id) {
      const { shape, definition } = datasets.get(id) ?? {};
      if (shape === undefined || definition === undefined || claims.nid === undefined) throw new HubError('INTERNAL');
      standings.set(id, { state: 'UNAVAILABLE', asOf });
      const { isCurrent, load } = definition;
      const found = shape.awaits === null ? await load({ dataset: id, nid: claims.nid, read }) : [];
      const current = isCurrent === undefined ? found : found.filter((record) => isCurrent(record, asOf));
      const state = shape.awaits !== null ? 'PENDING' : current.length > 0 ? 'AVAILABLE' : 'NOT_HELD';
      standings.set(id, { state, asOf });
      return current;
    },
  };
}
