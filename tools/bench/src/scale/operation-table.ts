import { type Growth, rowOf, type ScaleRow } from './growth.ts';
import type { Counts, MeasuredSession, Operation } from './measured-session.ts';
import type { Need } from './resources.ts';

/** An operation of the product, and how each of its figures may grow. */
export interface Measured {
  readonly what: string;
  readonly cpu: Growth;
  readonly blocks: Growth;
  readonly rows: Growth;
  readonly run: Operation;
}

/** Operations that are measured in the same database, at several sizes of it. */
export interface OperationTable {
  readonly name: string;
  readonly title: string;
  /** What the sizes count. */
  readonly of: 'mailboxes' | 'events' | 'people' | 'conferences';
  /** What a size takes of the machine, roughly. */
  readonly need: (size: number) => Need;
  /** Fills an empty database. @returns the operations on it, always the same ones in the same order */
  readonly fill: (session: MeasuredSession, size: number) => Promise<readonly Measured[]>;
}

/** An operation whose figures all grow in the same way. */
export function grows(growth: Growth, what: string, run: Operation): Measured {
  return { what, cpu: growth, blocks: growth, rows: growth, run };
}

/** An operation whose cost does not depend on the size, but for a colder cache: blocks and rows are judged as flat. */
export function flat(what: string, run: Operation, cpu: Growth = 'events'): Measured {
  return { what, cpu, blocks: 'flat', rows: 'flat', run };
}

/** Figures of the operations at one size. */
export interface SizeFigures {
  readonly size: number;
  readonly measured: readonly {
    readonly operation: Measured;
    readonly counts: Counts;
    readonly cpuMs: number | null;
  }[];
}

/** Measures all operations at one size. @param tell called with the name of each before it runs */
export async function measureOperations(
  table: OperationTable,
  session: MeasuredSession,
  size: number,
  tell: (text: string) => void,
): Promise<SizeFigures> {
  tell('fills the tables');
  const operations = await table.fill(session, size);
  await session.settle();
  const measured: SizeFigures['measured'][number][] = [];
  for (const operation of operations) {
    tell(operation.what);
    const counts = await session.count(operation.run);
    measured.push({ operation, counts, cpuMs: await session.cpuMs(operation.run) });
  }
  return { size, measured };
}

/** Counts what operations do that a table was filled for; takes no time. */
export async function countOperations(
  operations: readonly Measured[],
  session: MeasuredSession,
  size: number,
): Promise<SizeFigures> {
  const measured: SizeFigures['measured'][number][] = [];
  for (const operation of operations) {
    measured.push({ operation, counts: await session.count(operation.run), cpuMs: null });
  }
  return { size, measured };
}

/** Rows of a table by operation: processor time where it was measured, then counts. */
export function operationRows(figures: readonly SizeFigures[]): ScaleRow[] {
  const sizes = figures.map(({ size }) => size);
  const operations = figures[0]?.measured.map(({ operation }) => operation) ?? [];
  return operations.flatMap((operation, place) => {
    const at = figures.map(({ measured }) => measured[place]!);
    const row = (
      unit: 'CPU ms' | 'blocks' | 'rows' | 'bytes' | 'statements',
      growth: Growth,
      values: (number | null)[],
    ) => rowOf(operation.what, unit, growth, sizes, values);
    const counted = (kind: keyof Counts) => at.map(({ counts }) => counts[kind]);
    const cpu = at.map(({ cpuMs }) => cpuMs);
    return [
      ...(cpu.some((value) => value !== null) ? [row('CPU ms', operation.cpu, cpu)] : []),
      row('blocks', operation.blocks, counted('blocks')),
      row('rows', operation.rows, counted('rows')),
      row('bytes', operation.rows, counted('bytes')),
      ...(counted('statements').some((value) => value !== 1) ? [row('statements', 'flat', counted('statements'))] : []),
    ];
  });
}
