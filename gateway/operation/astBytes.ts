import type { ASTNode } from 'graphql';

/** One node, its name and its share of arrays; 64 to 83 were measured on V8 (docs/facts.md, "Memory"). */
const BYTES_PER_NODE = 80;

/** What an AST weighs in memory, about: its nodes counted, without recursion. The source is not counted. */
export function astBytes(root: ASTNode): number {
  let nodes = 0;
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    nodes += 1;
    open.push(...(Object.values(next) as unknown[]));
  }
  return nodes * BYTES_PER_NODE;
}
