import type { ASTNode } from 'graphql';

/** One node with its members' share of maps and arrays, on V8; measured (docs/facts.md, "Memory"). */
const BYTES_PER_NODE = 160;

/** What an AST weighs in memory, about: its nodes counted, without recursion. Its texts are slices of the source and not counted. */
export function astBytes(root: ASTNode): number {
  let nodes = 0;
  const open: unknown[] = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    nodes += 1;
    open.push(...(Object.values(next) as unknown[]));
  }
  return nodes * BYTES_PER_NODE;
}
