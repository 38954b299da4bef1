import { randomBytes } from 'node:crypto';
import { sha256 } from '../../schema/canonical.ts';
import { WARRANT_ISSUER, type RegisterKey, type WarrantClaims } from '../../schema/warrant.ts';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';

type Variables = Readonly<Record<string, unknown>>;

export type MakeUpClaims = (query: string, subject: string) => WarrantClaims;

/** Claims that open everything an agency has of one subject: for answers that no gateway's warrant asks for. */
export function claimsMadeUp(agency: Agency, nidOf: (subject: string) => RegisterKey | undefined): MakeUpClaims {
  const fld = Object.fromEntries(agency.shapes.map(({ id, leaves }) => [id, [...leaves.keys()]]));
  const digests = new Map<string, string>();
  return (query, subject) => {
    const nid = nidOf(subject);
    if (nid === undefined) throw new Error('Nobody of the bench.');
    let op = digests.get(query);
    if (op === undefined) digests.set(query, (op = sha256(query)));
    const iat = Math.floor(Date.now() / 1000);
    const jti = randomBytes(16).toString('base64url');
    const whose = { sub: subject, nid, cid: 'none', cv: 1, svc: 'none', pur: 'none' };
    return { iss: WARRANT_ISSUER, aud: agency.id, iat, exp: iat + 60, jti, ...whose, op, fld };
  };
}

/** The subject of the one entity that a gateway asks for. */
export function subjectAsked(variables: Variables): string {
  const [representation] = variables['representations'] as readonly { readonly id: string }[];
  return representation?.id ?? '';
}

/** An agency's answers as texts, each made once by the product's agency and then said again: it leaves the cores to what is measured. */
export interface AgencyMemory {
  answer(query: string, variables: Variables): string | Promise<string>;
  /** Makes the answers to every query heard so far, for these subjects. */
  learn(subjects: readonly string[]): Promise<void>;
}

export function agencyMemory(agency: Agency, nidOf: (subject: string) => RegisterKey | undefined): AgencyMemory {
  const claimsFor = claimsMadeUp(agency, nidOf);
  const queries = new Map<string, Map<string, string>>();

  async function make(query: string, subject: string, known: Map<string, string>): Promise<string> {
    const variables = { representations: [{ __typename: 'DataSubject', id: subject }] };
    const text = JSON.stringify(await agency.answer({ query, variables, warrant: claimsFor(query, subject), request: 'bench' }));
    known.set(subject, text);
    return text;
  }

  return {
    answer(query, variables) {
      const subject = subjectAsked(variables);
      let known = queries.get(query);
      if (known === undefined) queries.set(query, (known = new Map()));
      return known.get(subject) ?? make(query, subject, known);
    },
    async learn(subjects) {
      for (const [query, known] of queries) for (const subject of subjects) if (!known.has(subject)) await make(query, subject, known);
    },
  };
}
