/** How a figure may grow with the size of its table. */
export type Growth = 'flat' | 'mailboxes' | 'events' | 'people' | 'conferences' | 'workers' | 'any';

/**
 * Exponents that a figure may have. What is flat may grow by a level of an index; what is linear by a logarithm; what belongs
 * to one copy of a meeting is linear in its people, and each of them is sorted. `any`: shown, not judged.
 */
const BOUNDS: Readonly<Record<Growth, number | null>> = {
  flat: 0.3,
  mailboxes: 1.1,
  events: 1.1,
  conferences: 1.1,
  workers: 1.1,
  people: 1.2,
  any: null,
};

/** Each key that is written or looked up costs one block more with another level of its index. */
const LEVEL = 0.1;

export type Unit =
  | 'CPU ms'
  | 'CPU s'
  | 'blocks'
  | 'rows'
  | 'bytes'
  | 'statements'
  | 'requests'
  | 'MiB'
  | 'connections'
  | 'count'
  | '%';

/** Below these a figure is too small for its growth to say anything. */
const FLOORS: Readonly<Partial<Record<Unit, number>>> = {
  'CPU ms': 2,
  'CPU s': 1,
  blocks: 40,
  rows: 100,
  bytes: 16_384,
  MiB: 64,
};

/** One figure at each size of its table. */
export interface ScaleRow {
  /** What was done. */
  readonly what: string;
  readonly unit: Unit;
  /** One for each size; null where it was not measured. */
  readonly values: readonly (number | null)[];
  /** Slope between the last two sizes, both axes logarithmic; null when there is none. */
  readonly exponent: number | null;
  readonly bound: number | null;
  /** null: not judged. */
  readonly within: boolean | null;
}

/** A row with its exponent and judgement. @param sizes of the table, ascending */
export function rowOf(
  what: string,
  unit: Unit,
  growth: Growth,
  sizes: readonly number[],
  values: readonly (number | null)[],
): ScaleRow {
  const exponent = exponentOf(sizes, values);
  const bound = boundOf(growth, unit);
  const last = values.at(-1);
  const isSmall = last == null || last < (FLOORS[unit] ?? 0);
  const within = bound === null || exponent === null ? null : isSmall || exponent <= bound;
  return { what, unit, values: values.map(rounded), exponent: rounded(exponent), bound, within };
}

function boundOf(growth: Growth, unit: Unit): number | null {
  const bound = BOUNDS[growth];
  if (bound === null || growth === 'flat' || unit !== 'blocks') return bound;
  return Number((bound + LEVEL).toFixed(2));
}

/** The slope between the last two sizes; null when one of them has no figure above zero. */
export function exponentOf(sizes: readonly number[], values: readonly (number | null)[]): number | null {
  const [from, to] = sizes.slice(-2);
  const [before, after] = values.slice(-2);
  if (from === undefined || to === undefined || !before || !after) return null;
  return Math.log(after / before) / Math.log(to / from);
}

/** Three significant digits. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3));
}
