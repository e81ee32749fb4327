import type { Machine } from '../machine.ts';
import type { ScaleRow } from './growth.ts';

/** One table: figures by size. */
export interface ScaleTable {
  readonly name: string;
  readonly title: string;
  /** What the sizes count. */
  readonly of: string;
  readonly sizes: readonly number[];
  readonly rows: readonly ScaleRow[];
}

export interface ScaleResult {
  readonly bench: 'scale';
  readonly machine: Machine;
  readonly setting: Readonly<Record<string, string | number>>;
  readonly tables: readonly ScaleTable[];
  /** Rows beyond their bound and tables that could not be measured, in words; none when all is well. */
  readonly problems: readonly string[];
}

/** Rows of a table that grow faster than they may, in words. */
export function problemsOf({ name, of, rows }: ScaleTable): string[] {
  return rows
    .filter(({ within }) => within === false)
    .map(
      ({ what, unit, exponent, bound }) => `${name}: ${what}, ${unit}: exponent ${exponent} in ${of}, at most ${bound}`,
    );
}

const NUMBERS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** A result as Markdown, for people and for a document. */
export function asMarkdown({ machine, setting, tables, problems }: ScaleResult): string {
  const { cores, cpu, memoryGiB, node, loadBefore, loadAfter } = machine;
  const settings = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
  return [
    `${cores} × ${cpu}, ${memoryGiB} GiB, Node ${node}, load ${loadBefore} before and ${loadAfter} after; ${settings.join('; ')}.`,
    ...tables.map(tableAsMarkdown),
    problems.length === 0
      ? 'All rows are within their bounds.'
      : ['Not as it must be:', '', ...problems.map((problem) => `- ${problem}`)].join('\n'),
  ].join('\n\n');
}

function tableAsMarkdown({ title, of, sizes, rows }: ScaleTable): string {
  const header = [of, 'figure', ...sizes.map((size) => size.toLocaleString('en-US')), 'exponent', 'bound', 'within'];
  const lines = rows.map(({ what, unit, values, exponent, bound, within }, place) => [
    rows[place - 1]?.what === what ? '' : what,
    unit,
    ...values.map((value) => (value === null ? '–' : NUMBERS.format(value))),
    exponent?.toFixed(2) ?? '–',
    bound?.toString() ?? '–',
    within === null ? '–' : within ? 'yes' : '**no**',
  ]);
  const cells = [header, header.map((_, place) => (place < 2 ? '---' : '---:')), ...lines];
  return [`## ${title}`, '', ...cells.map((line) => `| ${line.join(' | ')} |`)].join('\n');
}
