import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';
import { isDoc } from './value.ts';

/** Cuts a decoded document down to what was asked for. */
export type Projection = (doc: Doc) => Doc;

interface Tree {
  readonly [name: string]: Tree | true;
}

function plant(paths: readonly string[]): Tree {
  const root: Record<string, Tree | true> = {};
  for (const path of paths) {
    let node = root;
    const parts = path.split('.');
    parts.forEach((part, at) => {
      if (part === '' || part.startsWith('$')) throw unsupported(`projection of ${path}`);
      const here = node[part];
      if (here === true || (at === parts.length - 1 && here !== undefined))
        throw unsupported(`projection of ${path} and of a path around it`);
      if (at === parts.length - 1) node[part] = true;
      else node = (node[part] ??= {}) as Record<string, Tree | true>;
    });
  }
  return root;
}

/** With `include`, only what the tree names; without, all but what it names. Arrays are gone through element by element. */
function cut(doc: Doc, tree: Tree, include: boolean): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(doc)) {
    const branch = Object.hasOwn(tree, name) ? tree[name] : undefined;
    if (branch === true ? include : branch === undefined && !include) result[name] = value;
    else if (typeof branch === 'object') {
      const inner = cutValue(value, branch, include);
      if (inner !== undefined) result[name] = inner;
    }
  }
  return result;
}

function cutValue(value: unknown, tree: Tree, include: boolean): unknown {
  if (isDoc(value)) return cut(value, tree, include);
  if (Array.isArray(value)) return value.map((element) => cutValue(element, tree, include)).filter((element) => element !== undefined);
  return include ? undefined : value;
}

/** Reads a projection: all 1 or all 0, dotted paths allowed, `_id` free. Throws STORE_UNSUPPORTED for expressions and operators. */
export function readProjection(projection: Doc | undefined): Projection {
  const entries = Object.entries(projection ?? {});
  for (const [path, value] of entries)
    if (![0, 1, true, false].includes(value as number)) throw unsupported(`projection of ${path} by an expression`);
  const others = entries.filter(([path]) => path !== '_id');
  const id = entries.find(([path]) => path === '_id')?.[1];
  if (entries.length === 0) return (doc) => doc;
  const include = others.length > 0 ? Boolean(others[0]?.[1]) : Boolean(id);
  if (others.some(([, value]) => Boolean(value) !== include)) throw unsupported('projection that both includes and excludes');
  const withId = id === undefined ? true : Boolean(id);
  const paths = others.map(([path]) => path);
  const tree = plant(include === withId ? [...paths, '_id'] : paths);
  return (doc) => cut(doc, tree, include);
}
