import type { Agency, Finding } from './agency.ts';
import type { Contract } from './contract.ts';
import type { RetiredLeaf } from './retired.ts';
import type { Supergraph } from './supergraph.ts';

/** What the rules about the whole read: the agencies as written, and the supergraph that came of them. */
export interface Composed {
  readonly agencies: readonly Agency[];
  readonly supergraph: Supergraph;
  readonly contract: Contract;
  readonly retired: readonly RetiredLeaf[];
  readonly hints: readonly string[];
}

export type ComposedRule = (composed: Composed) => Iterable<Finding>;
