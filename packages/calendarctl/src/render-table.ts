type Cell = string | number | boolean | Date | null;
export type TableRow = Readonly<Record<string, Cell>>;

/** Lines of a table with a heading: columns as wide as their widest cell, numbers to the right, times in UTC. */
export function renderTable(rows: readonly TableRow[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const texts = rows.map((row) => columns.map((column) => cellText(row[column] ?? null)));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...texts.map((cells) => (cells[index] ?? '').length)),
  );
  const isNumber = columns.map((column) =>
    rows.every((row) => typeof row[column] === 'number' || row[column] === null),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(columns), ...texts.map(line)];
}

function cellText(cell: Cell): string {
  if (cell === null) return '-';
  if (cell instanceof Date) return `${cell.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  // Control characters in what others wrote must not reach a terminal.
  return String(cell).replaceAll(/\p{Cc}/gu, ' ');
}
