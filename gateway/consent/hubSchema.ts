import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import { fieldSet } from '../../schema/fieldSet.ts';
import type { AccessEntry, AccessPage } from '../domain/auditEntry.ts';
import type { Service } from '../domain/consent.ts';
import type { Refused } from './authorizationDetails.ts';
import type { Changed } from './changeConsent.ts';
import type { Actor, Consents } from './consents.ts';
import { accessView, consentView, type FindService } from './consentView.ts';
import { DateTime } from './dateTime.ts';
import { guarded, type HubContext } from './permissions.ts';

export interface HubSchemaOptions {
  readonly consents: Consents;
  readonly contract: () => Contract;
  /** `AuditLog.forSubject`: who saw what, newest first. */
  readonly accessLog: (subject: string, page: AccessPage) => Promise<AccessEntry[]>;
}

/** The SDL of the hub's own subgraph. */
export function hubSdl(): string {
  return readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');
}

type Resolver<Arguments = Record<string, never>, Parent = unknown> = (parent: Parent, args: Arguments, context: HubContext) => unknown;
interface Paging {
  readonly first: number | null;
  readonly after?: string | null;
}

/**
 * The hub's own subgraph, executable: `me`, and what a citizen reads and changes about her consents, behind graphql-shield. Executed with
 * {@link HubContext}; errors have a code of the table and no other words.
 */
export function createHubSchema({ consents, contract, accessLog }: HubSchemaOptions): GraphQLSchema {
  /** Several lines of a page name the same service: it is read once. */
  const finder = (): FindService => {
    const known = new Map<string, Promise<Service | null>>();
    return (id) => {
      const found = known.get(id) ?? consents.services.read(id);
      known.set(id, found);
      return found;
    };
  };
  const viewOf = async (consent: Changed['consent'], find = finder()) => consentView(consent, await find(consent.service.id), contract());
  const changed = async (result: Changed | Refused) => {
    if (result.kind === 'REFUSED') throw new HubError(result.code, result.detail);
    return viewOf(result.consent);
  };
  const actor = (consentId: string, { caller, request }: HubContext): Actor => ({
    consentId,
    subject: subjectOf({ caller, request }),
    request,
  });

  const consentsOf: Resolver<Paging> = async (_parent, { first, after }, context) => {
    const page = await consents.listForSubject(subjectOf(context), { first: first ?? 20, after });
    const find = finder();
    return { consents: await Promise.all(page.consents.map((consent) => viewOf(consent, find))), endCursor: page.endCursor };
  };

  const consentOf: Resolver<{ id: string }> = async (_parent, { id }, context) => {
    const consent = await consents.read(id);
    return consent !== null && consent.subject === subjectOf(context) ? viewOf(consent) : null;
  };

  const accessLogOf: Resolver<Paging & { kinds?: readonly AccessEntry['kind'][] | null }> = async (
    _parent,
    { first: wanted, after, kinds },
    context,
  ) => {
    const first = wanted ?? 50;
    const entries = await accessLog(subjectOf(context), { first, after: after ?? undefined, kinds: kinds ?? undefined });
    const find = finder();
    const views = entries.map(async (entry) => accessView(entry, entry.service === null ? null : await find(entry.service), contract()));
    return { entries: await Promise.all(views), endCursor: entries.length === first ? (entries.at(-1)?.id ?? null) : null };
  };

  const resolvers = {
    DateTime,
    Query: {
      me: ((_parent, _args, context) => ({ id: subjectOf(context) })) satisfies Resolver,
      consents: consentsOf,
      consent: consentOf,
      accessLog: accessLogOf,
    },
    Mutation: {
      withdrawConsent: (async (_parent, { id }, context) => changed(await consents.withdraw(actor(id, context)))) satisfies Resolver<{
        id: string;
      }>,
      narrowConsent: (async (_parent, { id, drop }, context) => {
        const fields = fieldSet(drop.map(({ dataset, fields: paths }) => [dataset, paths] as const));
        return changed(await consents.narrow({ ...actor(id, context), drop: fields }));
      }) satisfies Resolver<{ id: string; drop: readonly { dataset: string; fields: readonly string[] }[] }>,
      shortenConsent: (async (_parent, { id, notAfter }, context) =>
        changed(await consents.shorten({ ...actor(id, context), notAfter }))) satisfies Resolver<{
        id: string;
        notAfter: number;
      }>,
    },
    DataSubject: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'DataSubject', id }) },
    Consent: {
      receipt: (({ id }, _args, context) => consents.receipt(id, subjectOf(context))) satisfies Resolver<
        Record<string, never>,
        { id: string }
      >,
    },
  };
  return guarded(buildSubgraphSchema({ typeDefs: parse(hubSdl()), resolvers: resolvers as never }));
}

/** The guards have made sure of it; a hole in them must not become somebody else's data. */
function subjectOf({ caller }: Pick<HubContext, 'caller' | 'request'>): string {
  if (caller === undefined) throw new HubError('FORBIDDEN');
  return caller.subject;
}
