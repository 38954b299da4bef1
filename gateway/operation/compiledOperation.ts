import { GraphQLError, Kind, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { sha256 } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import { conditionVariables } from './conditions.ts';
import { refuseIntrospection } from './introspection.ts';
import { checkLimits, type Limits } from './limits.ts';

/** One operation of a document that was parsed, weighed and validated once; the same for every caller. */
export interface CompiledOperation {
  /** SHA-256 of the document's text, base64url. */
  readonly documentHash: string;
  readonly operationName: string | null;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Variables that decide @skip and @include, sorted. */
  readonly conditions: readonly string[];
}

/** The document does not fit the schema: what GraphQL calls request errors, each with its location. */
export class InvalidDocument extends Error {
  override readonly name = 'InvalidDocument';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('The document is invalid.');
    this.errors = errors;
  }
}

export interface CompilerOptions {
  readonly api: GraphQLSchema;
  readonly limits: Limits;
  readonly introspection: boolean;
  /** Bytes of compiled documents held, about. */
  readonly cacheBytes?: number;
}

export interface Compiler {
  /**
   * Text → compiled operation, from memory when its text was seen before. Throws HubError (OPERATION_TOO_LARGE, OPERATION_INVALID,
   * INTROSPECTION_OFF) or InvalidDocument.
   */
  readonly compile: (text: string, operationName: string | null) => CompiledOperation;
  /** The parsed document of this hash if it is held: what spares Apollo Server a second parse and validation. */
  readonly document: (documentHash: string) => DocumentNode | undefined;
}

interface CompiledDocument {
  readonly document: DocumentNode;
  readonly operations: Map<string | null, CompiledOperation>;
}

/** AST nodes weigh far more than the text they stand for. */
const BYTES_PER_CHARACTER = 100;

const MOST_ERRORS = 5;

/** graphql-js says it in words alone. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens\./;

/** Compiles documents and holds them by hash. Nothing of a caller is in here. */
export function createCompiler({ api, limits, introspection, cacheBytes = 24 * 1024 * 1024 }: CompilerOptions): Compiler {
  const documents = new LRUCache<string, CompiledDocument>({ maxSize: cacheBytes });

  function compileDocument(text: string): DocumentNode {
    const options = { noLocation: true, ...(Number.isFinite(limits.tokens) ? { maxTokens: limits.tokens } : {}) };
    const document = parseText(text, options);
    checkLimits(document, limits);
    if (!introspection) refuseIntrospection(document);
    // Locations are kept only for telling what is wrong: they would double what every good document costs.
    if (findErrors(api, document).length > 0) throw new InvalidDocument(findErrors(api, parse(text)));
    return document;
  }

  return {
    document: (documentHash) => documents.get(documentHash)?.document,
    compile(text, operationName) {
      const documentHash = sha256(text);
      let held = documents.get(documentHash);
      if (held === undefined) {
        held = { document: guardStack(() => compileDocument(text)), operations: new Map() };
        documents.set(documentHash, held, { size: 1_000 + text.length * BYTES_PER_CHARACTER });
      }
      let compiled = held.operations.get(operationName);
      if (compiled === undefined) {
        compiled = selectOperation(held.document, documentHash, operationName);
        held.operations.set(operationName, compiled);
      }
      return compiled;
    },
  };
}

function parseText(text: string, options: { noLocation: boolean; maxTokens?: number }): DocumentNode {
  try {
    return parse(text, options);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (TOO_MANY_TOKENS.test(error.message)) throw new HubError('OPERATION_TOO_LARGE', `More than ${options.maxTokens} tokens.`);
    throw new InvalidDocument([error]);
  }
}

/** What is too deep for the stack is too deep for us: no 5xx for a client's document. */
function guardStack<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new HubError('OPERATION_TOO_LARGE', 'Nested too deep.');
    throw error;
  }
}

function findErrors(api: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(api, document, specifiedRules, { maxErrors: MOST_ERRORS, hideSuggestions: true });
}

function selectOperation(document: DocumentNode, documentHash: string, operationName: string | null): CompiledOperation {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const named = operationName === null ? operations : operations.filter((candidate) => candidate.name?.value === operationName);
  const [operation] = named;
  if (operation === undefined) throw new HubError('OPERATION_INVALID', 'The document has no operation of this name.');
  if (named.length > 1) throw new HubError('OPERATION_INVALID', 'The document has several operations: name one in operationName.');
  return { documentHash, operationName, document, operation, fragments, conditions: conditionVariables(document) };
}
