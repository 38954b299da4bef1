import { getDirectiveValues, getNamedType, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { HubError } from '../../schema/errors.ts';

/** One dataset as the agency's SDL defines it. */
export interface DatasetShape {
  readonly id: string;
  /** Field on DataSubject. */
  readonly field: string;
  readonly type: string;
  /** Records lie below `records(first, after)`. */
  readonly many: boolean;
  /** The body from which the register still awaits its data. */
  readonly awaits: string | null;
  /** Object types below, the root included → path prefix: `''`, `'listedMembers.'`; `records` left out. */
  readonly prefixes: ReadonlyMap<string, string>;
  /** Leaf path → type: `listedMembers.name` → `String`. */
  readonly leaves: ReadonlyMap<string, string>;
}

/** Reads the datasets out of an agency's schema (built from its SDL with the prelude). Throws CONTRACT_BROKEN naming what is wrong. */
export function readDatasetShapes(schema: GraphQLSchema, agency: string): readonly DatasetShape[] {
  const subject = schema.getType('DataSubject');
  const directive = schema.getDirective('dataset');
  if (!isObjectType(subject) || !directive)
    throw new HubError('CONTRACT_BROKEN', `${agency}: no DataSubject or no @dataset. Is the prelude missing?`);
  const fields = Object.values(subject.getFields()).filter(({ name }) => name !== 'id');
  return fields.map((field) => {
    const root = getNamedType(field.type);
    const marks = isObjectType(root) && root.astNode ? getDirectiveValues(directive, root.astNode) : undefined;
    const id = typeof marks?.['id'] === 'string' ? marks['id'] : '';
    if (!isObjectType(root) || !id.startsWith(`${agency}.`))
      throw new HubError('CONTRACT_BROKEN', `DataSubject.${field.name} is no dataset of ${agency}.`);
    const prefixes = new Map<string, string>();
    const leaves = new Map<string, string>();
    const records = root.getFields()['records'];
    walk(root, '', prefixes, leaves);
    const awaits = marks?.['awaits'];
    return {
      id,
      field: field.name,
      type: root.name,
      many: records !== undefined,
      awaits: typeof awaits === 'string' ? awaits : null,
      prefixes,
      leaves,
    };
  });
}

function walk(type: GraphQLObjectType, prefix: string, prefixes: Map<string, string>, leaves: Map<string, string>): void {
  if (prefixes.has(type.name)) throw new HubError('CONTRACT_BROKEN', `${type.name} is reachable by two paths.`);
  prefixes.set(type.name, prefix);
  for (const field of Object.values(type.getFields())) {
    const named = getNamedType(field.type);
    if (!isObjectType(named)) leaves.set(`${prefix}${field.name}`, String(field.type));
    else walk(named, field.name === 'records' && prefix === '' ? '' : `${prefix}${field.name}.`, prefixes, leaves);
  }
}
