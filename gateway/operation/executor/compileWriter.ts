import { isAbstractType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, isUnionType } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import type { GraphQLAbstractType, GraphQLCompositeType } from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { ConditionValues } from '../conditions.ts';
import type { PlannedOperation } from '../plannedOperation.ts';
import type { Shape } from '../prune.ts';
import { emptyAnswer } from '../emptyAnswer.ts';
import { completeLeaf } from './completeLeaf.ts';
import { introspect } from './introspect.ts';
import { isObject } from './mergeData.ts';
import { misfit, writeList, writeNonNull, writeNullable, writeNullableLeaf, writeObject, type Member, type Write } from './write.ts';

/** A refused field's shape below which something is left. */
type ObjectShape = Extract<Shape, { kind: 'OBJECT' }>;

type Groups = ReadonlyMap<string, readonly FieldNode[]>;

interface Compiling {
  readonly api: GraphQLSchema;
  readonly planned: PlannedOperation;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly conditions: ConditionValues;
}

/**
 * Compiles the way from what the fetches brought to the client's answer: its order, aliases and fragments, each value completed by its type,
 * nulls where they must go (GraphQL §6.4.4). With a shape, refused fields are written null on the same way. A writer is for one outcome of
 * the operation's conditions.
 */
export function compileWriter(
  api: GraphQLSchema,
  planned: PlannedOperation,
  conditions: ConditionValues,
  shape: readonly Shape[] | null,
): Write {
  const { operation } = planned;
  const fragments = Object.fromEntries(planned.fragments.map((fragment) => [fragment.name.value, fragment]));
  const root = api.getRootType(operation.operation);
  if (!root) throw new TypeError('A planned operation has its root type.');
  const groups = collectFields(api, fragments, conditions, root, operation.selectionSet);
  return compileFields({ api, planned, fragments, conditions }, root, groups, shape);
}

/** The writer of an object of this type, the client's or the shape's fields in order. An abstract type stands for one that nobody named. */
function compileFields(compiling: Compiling, type: GraphQLCompositeType, groups: Groups, shape: readonly Shape[] | null): Write {
  if (shape === null) return writeObject([...groups].map(([key, nodes]) => compileField(compiling, type, key, nodes, null)));
  return writeObject(
    shape.map((field): Member => {
      const nodes = groups.get(field.key);
      if (field.kind === 'TYPENAME') return { key: field.key, text: JSON.stringify(field.value) };
      if (field.kind === 'REFUSED' || nodes === undefined) return { key: field.key, text: JSON.stringify(emptyAnswer([field])[field.key]) };
      return compileField(compiling, type, field.key, nodes, field.kind === 'OBJECT' ? field : null);
    }),
  );
}

function compileField(
  compiling: Compiling,
  parent: GraphQLCompositeType,
  key: string,
  nodes: readonly FieldNode[],
  shape: ObjectShape | null,
): Member {
  const name = nodes[0]?.name.value ?? '';
  if (name === '__typename') return isObjectType(parent) ? { key, text: JSON.stringify(parent.name) } : { key, write: misfit };
  if (name === '__schema' || name === '__type') return { key, write: introspect(compiling.api, compiling.planned, key, nodes) };
  const field = isUnionType(parent) ? undefined : parent.getFields()[name];
  if (field === undefined) throw new TypeError('A planned operation fits its schema.');
  return { key, write: compileType(compiling, field.type, nodes, shape) };
}

function compileType(compiling: Compiling, type: GraphQLOutputType, nodes: readonly FieldNode[], shape: ObjectShape | null): Write {
  if (isLeafType(type)) return writeNullableLeaf(completeLeaf(type));
  if (isNonNullType(type)) return writeNonNull(compileValue(compiling, type.ofType, nodes, shape));
  const write = writeNullable(compileValue(compiling, type, nodes, shape));
  // The data subject is there whether or not anything is fetched about her.
  return shape?.present === true ? (value, writing) => write(isObject(value) ? value : {}, writing) : write;
}

function compileValue(compiling: Compiling, type: GraphQLOutputType, nodes: readonly FieldNode[], shape: ObjectShape | null): Write {
  if (isListType(type)) return writeList(compileType(compiling, type.ofType as GraphQLOutputType, nodes, shape));
  if (isLeafType(type)) {
    const complete = completeLeaf(type);
    return (value, writing) => complete(value) ?? misfit(value, writing);
  }
  if (isObjectType(type)) return compileObject(compiling, type, nodes, shape);
  if (isAbstractType(type)) return compileAbstract(compiling, type, nodes, shape);
  throw new TypeError('A field has an output type.');
}

function compileObject(compiling: Compiling, type: GraphQLCompositeType, nodes: readonly FieldNode[], shape: ObjectShape | null): Write {
  const { api, fragments, conditions } = compiling;
  // It reads only names and possible types of what it takes for an object type.
  const groups = collectSubfields(api, fragments, conditions, type as GraphQLObjectType, nodes);
  return compileFields(compiling, type, groups, shape?.fields ?? null);
}

/** By the type that the value names, compiled when it is first seen: all types at all places would be too many. */
function compileAbstract(compiling: Compiling, type: GraphQLAbstractType, nodes: readonly FieldNode[], shape: ObjectShape | null): Write {
  const writers = new Map<string, Write>();
  return (value, writing) => {
    const name = isObject(value) ? (value['__typename'] ?? type.name) : undefined;
    if (typeof name !== 'string') return misfit(value, writing);
    let write = writers.get(name);
    if (write === undefined) {
      const named = compiling.api.getType(name);
      // An interface is named where only an @interfaceObject was asked.
      const fits = named === type || ((isObjectType(named) || isInterfaceType(named)) && compiling.api.isSubType(type, named));
      if (!fits) return misfit(value, writing);
      write = compileObject(compiling, named as GraphQLCompositeType, nodes, shape);
      writers.set(name, write);
    }
    return write(value, writing);
  };
}
