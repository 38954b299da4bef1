import { GraphQLError, Kind, parse, Source } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { sha256 } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import { astBytes } from './astBytes.ts';
import { conditionVariables } from './conditions.ts';
import { createFairCache } from './fairCache.ts';
import { refuseIntrospection } from './introspection.ts';
import { checkLimits, type Limits } from './limits.ts';
import type { Misfit, Planner } from './planner/planner.ts';

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
  readonly limits: Limits;
  readonly introspection: boolean;
  readonly planner: Planner;
  /** Bytes of compiled documents held, about. */
  readonly cacheBytes?: number;
}

export interface Compiler {
  /**
   * Text → compiled operation, at once when its text was seen before. Throws HubError (OPERATION_TOO_LARGE, OPERATION_INVALID,
   * INTROSPECTION_OFF, and what the planner throws) or InvalidDocument, now or later. `client`: on whose account it is held.
   */
  readonly compile: (text: string, operationName: string | null, client: string) => CompiledOperation | Promise<CompiledOperation>;
  /** The parsed document of this hash if it is held: what spares Apollo Server a second parse and validation. */
  readonly document: (documentHash: string) => DocumentNode | undefined;
}

interface CompiledDocument {
  readonly document: DocumentNode;
  readonly operations: Map<string | null, CompiledOperation>;
}

const MOST_DOCUMENTS = 10_000;
/** Beside the AST: the maps of one document, its hash, its place in the cache. */
const BYTES_AT_LEAST = 2_000;
/** Of what is wrong with documents: a client that sends the same again and again is told from memory. */
const FAILURE_BYTES = 2 * 1024 * 1024;

/** graphql-js says it in words alone. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens\./;

/** Compiles documents and holds them by hash. Nothing of a caller is in here but whose account a document is on. */
export function createCompiler({ limits, introspection, planner, cacheBytes = 8 * 1024 * 1024 }: CompilerOptions): Compiler {
  const documents = createFairCache<CompiledDocument>({ maxBytes: cacheBytes, maxEntries: MOST_DOCUMENTS });
  const failures = createFairCache<HubError | InvalidDocument>({ maxBytes: FAILURE_BYTES, maxEntries: MOST_DOCUMENTS });
  /** Asked by a client many times at once, compiled once: another client's turn is not waited for. */
  const underWay = new Map<string, Promise<CompiledDocument>>();

  async function compileDocument(text: string, documentHash: string, client: string): Promise<CompiledDocument> {
    try {
      const document = await planner.turn(client, async (desk) => {
        const parsed = guardStack(() => parseWithin(text, limits, introspection));
        const misfits = await desk.validate(text);
        if (misfits.length > 0) throw new InvalidDocument(misfits.map((misfit) => asError(misfit, text)));
        return parsed;
      });
      const held: CompiledDocument = { document, operations: new Map() };
      documents.set(documentHash, client, held, BYTES_AT_LEAST + text.length + astBytes(document));
      return held;
    } catch (error) {
      if (isDocumentsFault(error)) failures.set(documentHash, client, error, BYTES_AT_LEAST + text.length);
      throw error;
    }
  }

  async function compileNew(text: string, documentHash: string, operationName: string | null, client: string): Promise<CompiledOperation> {
    const failure = failures.get(documentHash, client);
    if (failure !== undefined) throw failure;
    const key = `${documentHash} ${client}`;
    let compiling = underWay.get(key);
    if (compiling === undefined) {
      compiling = compileDocument(text, documentHash, client).finally(() => underWay.delete(key));
      underWay.set(key, compiling);
    }
    return operationOf(await compiling, documentHash, operationName);
  }

  return {
    document: (documentHash) => documents.peek(documentHash)?.document,
    compile(text, operationName, client) {
      const documentHash = sha256(text);
      const held = documents.get(documentHash, client);
      return held === undefined ? compileNew(text, documentHash, operationName, client) : operationOf(held, documentHash, operationName);
    },
  };
}

function operationOf({ document, operations }: CompiledDocument, documentHash: string, operationName: string | null): CompiledOperation {
  let compiled = operations.get(operationName);
  if (compiled === undefined) {
    compiled = readOperation(document, documentHash, operationName);
    operations.set(operationName, compiled);
  }
  return compiled;
}

/** What will be the same tomorrow: not that the planner was busy. */
function isDocumentsFault(error: unknown): error is HubError | InvalidDocument {
  return error instanceof InvalidDocument || (error instanceof HubError && error.status === 400);
}

function asError({ message, positions }: Misfit, text: string): GraphQLError {
  return new GraphQLError(message, { source: new Source(text), positions });
}

function parseWithin(text: string, limits: Limits, introspection: boolean): DocumentNode {
  const document = parseText(text, { noLocation: true, ...(Number.isFinite(limits.tokens) ? { maxTokens: limits.tokens } : {}) });
  checkLimits(document, limits);
  if (!introspection) refuseIntrospection(document);
  return document;
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

/** One operation of a sound document. Throws OPERATION_INVALID when it is not there, or none is named and there are several. */
export function readOperation(document: DocumentNode, documentHash: string, operationName: string | null): CompiledOperation {
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
