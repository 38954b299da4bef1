import { composeServices } from '@apollo/composition';
import { GraphQLError, parse, Source } from 'graphql';
import { HubError } from './errors.ts';

/** One subgraph, whole: the name is the agency's id, `hub` for the hub's own. */
export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
}

export interface Composition {
  readonly supergraphSdl: string;
  /** What the composer noticed without refusing it, one line each, `CODE: message`. */
  readonly hints: readonly string[];
}

/**
 * Composes subgraphs into a supergraph by Apollo Federation's rules, the same text whatever their order. A subgraph's url is `agency:<id>`:
 * no address, because which transport reaches an agency is the gateway's wiring, not the contract's.
 * Throws CONTRACT_BROKEN naming every fault. Our own rules are in lint.ts: composition protects only Apollo's directives.
 */
export function composeSupergraph(subgraphs: readonly Subgraph[]): Composition {
  const services = [...subgraphs]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sdl }) => ({ name, typeDefs: parseSdl(name, sdl), url: `agency:${name}` }));
  let result;
  try {
    result = composeServices(services);
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (result.errors !== undefined) throw new HubError('CONTRACT_BROKEN', result.errors.map((error) => error.message).join('\n'));
  return {
    supergraphSdl: `${result.supergraphSdl.trimEnd()}\n`,
    hints: result.hints.map((hint) => `${hint.definition.code}: ${hint.message}`),
  };
}

function parseSdl(name: string, sdl: string) {
  try {
    return parse(new Source(sdl, name));
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof GraphQLError ? cause.toString() : `${name}: not SDL`, { cause });
  }
}
