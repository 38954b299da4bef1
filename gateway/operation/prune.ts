import { Kind, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionNode } from 'graphql';
import type { Contract } from '../../schema/contract.ts';
import { fieldSet, hasField, type FieldSet } from '../../schema/fieldSet.ts';
import { keysOf } from './closure.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import type { SelectedField, Selection } from './selection.ts';

/** A kept or refused field, in the client's order: how the answer is written. */
export type Shape =
  /** As the plan answers it. */
  | { readonly kind: 'COPY'; readonly key: string }
  /** Refused: null, always. */
  | { readonly kind: 'REFUSED'; readonly key: string }
  /** A `__typename` that is known without asking anybody. */
  | { readonly kind: 'TYPENAME'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'OBJECT';
      readonly key: string;
      readonly fields: readonly Shape[];
      /** The data subject is there whether or not anything is fetched about her. */
      readonly present: boolean;
    };

export interface Pruned {
  /** The operation without refused leaves; null when nothing is left to run. */
  readonly document: DocumentNode | null;
  /** The leaves that are left, and the keys. */
  readonly released: FieldSet;
  readonly shape: readonly Shape[];
  /** Whether anything was taken out: if not, the plan's answer is the client's answer. */
  readonly whole: boolean;
}

/**
 * Takes every leaf that is not permitted out of an operation, with every object that is left without one (`__typename` included), and decides
 * @skip and @include below DataSubject. Fragments are expanded there; the hub's own fields keep theirs. What is taken out is fetched from nobody.
 */
export function prune(contract: Contract, compiled: CompiledOperation, selection: Selection, permitted: FieldSet): Pruned {
  const pruning: Pruning = { contract, permitted, released: [] };
  const kept: FieldNode[] = [];
  const shape: Shape[] = [];
  for (const root of selection.roots) {
    if (root.kind === 'HUB') {
      kept.push({ ...root.node, directives: [] });
      if (shape.at(-1)?.key !== root.key) shape.push({ kind: 'COPY', key: root.key });
      continue;
    }
    const subject = pruneSubject(pruning, root.field);
    if (subject.node !== null) kept.push(subject.node);
    shape.push(subject.shape);
  }
  return {
    document: kept.length === 0 ? null : rebuild(compiled, kept),
    released: fieldSet(pruning.released),
    shape,
    whole: shape.every(({ kind }) => kind === 'COPY'),
  };
}

interface Pruning {
  readonly contract: Contract;
  readonly permitted: FieldSet;
  readonly released: [dataset: string, paths: readonly string[]][];
}

interface Kept {
  readonly node: FieldNode | null;
  readonly shape: Shape;
}

function pruneSubject(pruning: Pruning, field: SelectedField): Kept {
  const children = (field.fields ?? []).map((child): Kept => {
    const dataset = pruning.contract.objects.get(child.type);
    if (child.name === '__typename') {
      return { node: withoutDirectives(child.node), shape: { kind: 'TYPENAME', key: child.key, value: field.type } };
    }
    if (dataset === undefined) return refused(child);
    const keys = keysOf(child);
    if (!keys.every((key) => hasField(pruning.permitted, dataset, key))) return refused(child);
    const kept = pruneObject(pruning, child);
    if (kept.node !== null && keys.length > 0) pruning.released.push([dataset, keys]);
    return kept;
  });
  const nodes = children.flatMap(({ node }) => node ?? []);
  // `__typename` alone asks nobody: the subject is known from the token.
  const asks = nodes.some((node) => node.name.value !== '__typename');
  const fields = children.map(({ shape }) => shape);
  const complete = asks && fields.every(({ kind }) => kind === 'COPY' || kind === 'TYPENAME');
  return {
    node: asks ? withFields(field.node, nodes) : null,
    shape: complete ? { kind: 'COPY', key: field.key } : { kind: 'OBJECT', key: field.key, fields, present: true },
  };
}

function pruneObject(pruning: Pruning, field: SelectedField): Kept {
  const children = (field.fields ?? []).map((child): Kept => {
    if (child.fields !== null) return pruneObject(pruning, child);
    if (child.name === '__typename') return { node: withoutDirectives(child.node), shape: { kind: 'COPY', key: child.key } };
    const leaf = pruning.contract.leaves.get(child.coordinate);
    if (leaf === undefined || !hasField(pruning.permitted, leaf.dataset, leaf.path)) return refused(child);
    pruning.released.push([leaf.dataset, [leaf.path]]);
    return { node: withoutDirectives(child.node), shape: { kind: 'COPY', key: child.key } };
  });
  const nodes = children.flatMap(({ node }) => node ?? []);
  if (!nodes.some((node) => node.name.value !== '__typename')) return refused(field);
  const fields = children.map(({ shape }) => shape);
  const complete = fields.every(({ kind }) => kind === 'COPY');
  return {
    node: withFields(field.node, nodes),
    shape: complete ? { kind: 'COPY', key: field.key } : { kind: 'OBJECT', key: field.key, fields, present: false },
  };
}

function refused(field: SelectedField): Kept {
  return { node: null, shape: { kind: 'REFUSED', key: field.key } };
}

function withoutDirectives(node: FieldNode): FieldNode {
  return { ...node, directives: [] };
}

function withFields(node: FieldNode, selections: readonly SelectionNode[]): FieldNode {
  return { ...node, directives: [], selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

/** The operation with these root fields, and only the fragments and variables that they still use. */
function rebuild(compiled: CompiledOperation, selections: readonly FieldNode[]): DocumentNode {
  const { operation } = compiled;
  const fragments = usedFragments(selections, compiled.fragments);
  const used = variablesIn([...selections, ...fragments]);
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        // No name: what a client calls its operation is no agency's business.
        operation: operation.operation,
        variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
      ...fragments,
    ],
  };
}

function usedFragments(selections: readonly SelectionNode[], all: ReadonlyMap<string, FragmentDefinitionNode>): FragmentDefinitionNode[] {
  const used = new Map<string, FragmentDefinitionNode>();
  const enter = (node: SelectionNode | FragmentDefinitionNode) =>
    visit(node, {
      [Kind.FRAGMENT_SPREAD]({ name }) {
        const fragment = all.get(name.value);
        if (fragment === undefined || used.has(name.value)) return;
        used.set(name.value, fragment);
        enter(fragment);
      },
    });
  for (const selection of selections) enter(selection);
  return [...used.values()];
}

function variablesIn(nodes: readonly (SelectionNode | FragmentDefinitionNode)[]): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) visit(node, { [Kind.VARIABLE]: ({ name }) => void names.add(name.value) });
  return names;
}
