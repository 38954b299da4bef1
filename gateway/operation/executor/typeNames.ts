import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

/** Names that `__typename` may have where a type condition applies: the type itself, and what implements it or belongs to it. */
export function typeNamesOf(schema: GraphQLSchema, condition: string): ReadonlySet<string> {
  const type = schema.getType(condition);
  if (!isAbstractType(type)) return new Set([condition]);
  const below = Object.values(schema.getTypeMap()).filter((each) => isObjectType(each) || isInterfaceType(each));
  return new Set([condition, ...below.filter((each) => schema.isSubType(type, each)).map(({ name }) => name)]);
}
