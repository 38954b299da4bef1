/** A table in Markdown that reads well on a terminal, too; the first `texts` columns are left-aligned, the others are numbers. */
export function markdownTable(head: readonly string[], body: readonly (readonly string[])[], texts: number): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...body.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}
