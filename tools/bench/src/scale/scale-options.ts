/** What `pnpm bench scale` is to measure. */
export interface ScaleOptions {
  /** Names of tables, in the order in which they are measured. */
  readonly tables: readonly string[];
  readonly mailboxes: readonly number[];
  readonly events: readonly number[];
  readonly people: readonly number[];
  readonly conferences: readonly number[];
  /** For how long workers are watched, each time. */
  readonly seconds: number;
  /** Changes a minute in the calendars of the sync-worker that is watched. */
  readonly changes: number;
  /** Told what goes on. */
  readonly tell: (text: string) => void;
}

/** `--mailboxes`, `--events` and their like are no list of growing sizes. */
class WrongSizesError extends Error {
  readonly code = 'bench-wrong-sizes';

  constructor(name: string, text: string) {
    super(
      `--${name} ${text}: give whole numbers from 2 on, each greater than the one before, with commas between them`,
    );
    this.name = new.target.name;
  }
}

/** Sizes of an option such as `--mailboxes 100,1000`. @throws WrongSizesError */
export function parseSizes(name: string, text: string): number[] {
  const sizes = text.split(',').map(Number);
  const isGrowing = sizes.every(
    (size, place) => Number.isSafeInteger(size) && size > (place === 0 ? 1 : sizes[place - 1]!),
  );
  if (!isGrowing) throw new WrongSizesError(name, text);
  return sizes;
}
