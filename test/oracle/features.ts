import type { PlannedOperation } from '../../gateway/operation/plannedOperation.ts';
import type { Said, World } from './runBoth.ts';

/** One operation run in one weather. */
export interface Case {
  readonly world: World;
  readonly text: string;
  readonly planned: PlannedOperation;
  readonly ours: Said;
  /** Representations that the stock executor asked for. */
  readonly stockAsked: number;
}

const inPlan =
  (pattern: RegExp) =>
  ({ planned }: Case): boolean =>
    pattern.test(JSON.stringify(planned.plan, (key, value: unknown) => (key === 'operationDocumentNode' ? undefined : value)));
const inText =
  (pattern: RegExp) =>
  ({ text }: Case): boolean =>
    pattern.test(text);

/** A fetched field that this subgraph declares with the directive. */
const fetched =
  (directive: string) =>
  ({ world, planned }: Case): boolean =>
    world.subgraphs.some(({ name, sdl }) =>
      [...sdl.matchAll(new RegExp(`(\\w+)(\\([^)]*\\))?: \\S+ ${directive}`, 'g'))].some(([, field]) =>
        planned.fetches.some((fetch) => fetch.subgraph === name && new RegExp(`\\b${field}\\b`).test(fetch.query)),
      ),
    );

const has =
  (pattern: RegExp) =>
  ({ ours }: Case): boolean =>
    pattern.test(JSON.stringify(ours.data));

/** What the generator must reach. A feature that no case has would be a test that cannot fail. */
export const FEATURES: Readonly<Record<string, (given: Case) => boolean>> = {
  'fetches one after another': inPlan(/"kind":"Sequence"/),
  'fetches side by side': inPlan(/"kind":"Parallel"/),
  'a fetch under a condition': inPlan(/"kind":"Condition"/),
  'a fetch unless a condition': inPlan(/"elseClause"/),
  'entities in a list': inPlan(/"path":\[[^\]]*"@"\]/),
  'entities in a list of lists': inPlan(/"@","@"/),
  'entities below entities in a list': inPlan(/"@","\w+"/),
  'a simple key': inPlan(/"name":"__typename"},{"kind":"Field","name":"id"}\]/),
  'a compound key': inPlan(/"name":"p"},{"kind":"Field","name":"q"}/),
  'a nested key': inPlan(/"name":"ref","selections":\[{"kind":"Field","name":"code"}\]/),
  'a key nested twice': inPlan(/"name":"inner","selections"/),
  'the second of two keys': inPlan(/"name":"sku"/),
  'entities of several types': inPlan(/"requires":\[{"kind":"InlineFragment".*?\]},{"kind":"InlineFragment","typeCondition"/),
  '@requires': ({ planned }) => planned.fetches.some(({ requires = [] }) => /"name":"g\d"/.test(JSON.stringify(requires))),
  '@requires of objects': inPlan(/"name":"g\d","selections":\[{"kind":"Field","name":"(width|tags|unit)"/),
  '@provides': inText(/\wProvided/),
  '@shareable': fetched('@shareable'),
  '@override': fetched('@override'),
  '@interfaceObject': inPlan(/"kind":"ValueSetter"/),
  'names changed for a subgraph': inPlan(/"kind":"KeyRenamer"/),
  'parts of a list from two subgraphs': inPlan(/split\{[^}]*\bx\b.*split\{[^}]*\by\b/),
  'a mutation': inText(/^mutation/),
  introspection: inText(/__type\(/),
  'a named fragment': inText(/^fragment /m),
  'a fragment on an interface': inText(/on (Named|Sized|Media)/),
  'a fragment on a union': inText(/on Either/),
  'a type’s name under another name': inText(/k\d+: __typename/),
  'an alias that is no plain member': inText(/(__proto__|constructor|toString|hasOwnProperty):/),
  '@skip by a variable': inText(/@skip\(if: \$/),
  '@include by a variable': inText(/@include\(if: \$/),
  'a condition by default': inText(/if: \$usually/),
  'an argument by a variable': inText(/n: \$n/),
  'an enum': has(/"(RED|GREEN)"/),
  'a custom scalar': has(/"2019-12-\d\d"|{"a":\[1,null/),
  'a list of lists': has(/\[\[/),
  'falsy values': has(/:(0|false|"")[,}]/),
  'texts that JSON escapes': has(/\\n\\/),
  'a null': has(/:null/),
  'nothing at all': ({ ours }) => ours.data === null,
  'an error': ({ ours }) => ours.errors.length > 0,
  'an error in a list': ({ ours }) => ours.errors.some((text) => /,\d+,"/.test(text)),
  'a fetch that fails': ({ ours }) => ours.errors.some((text) => text.includes('fetch ')),
  'an entity that is lost': ({ ours }) => ours.errors.some((text) => text.includes(' lost ')),
  'a value that does not fit': ({ ours }) => ours.unfit.length > 0,
  'a misfit in a list': ({ ours }) => ours.unfit.some((path) => /,\d+[,\]]/.test(path)),
  'equal entities asked once': ({ ours, stockAsked }) => ours.asked < stockAsked,
  'different entities': ({ ours, planned }) => ours.asked > planned.fetches.length,
};
