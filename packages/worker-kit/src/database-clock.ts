import type { Queryable } from 'calendar-db/database';
import { readDatabaseClock } from 'calendar-db/workers';

/** Samples older than this say too little about now. */
const KEEP_MS = 120_000;
/** How far two clocks may drift apart per millisecond; the kernel corrects by at most 500 ppm, quartz errs by far less. */
const DRIFT = 50e-6;

interface Sample {
  /** Database clock minus this process's steady clock, milliseconds. */
  readonly offset: number;
  readonly roundTripMs: number;
  /** Steady clock when it was taken. */
  readonly at: number;
}

/**
 * What time it is in the database, without asking it each time. Of the recent questions the one with the shortest round
 * trip counts (as in NTP, RFC 5905 §10): the answer was made somewhere within it. It is kept against the steady clock, so
 * a correction of this machine's wall clock does not disturb it.
 */
export class DatabaseClock {
  readonly #database: Queryable;
  #samples: Sample[] = [];

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Unix milliseconds by the database's clock, with fractions. Before the first `refresh`: this machine's clock. */
  now(): number {
    const best = this.#best();
    return best === undefined ? Date.now() : steadyNow() + best.offset;
  }

  /** Database clock minus this machine's wall clock, milliseconds. */
  get offsetMs(): number {
    return this.now() - Date.now();
  }

  /** Round trip of the sample in use, milliseconds; half of it is the most by which `now` is wrong. NaN before the first. */
  get roundTripMs(): number {
    return this.#best()?.roundTripMs ?? Number.NaN;
  }

  /** Whether the database was ever asked. */
  get known(): boolean {
    return this.#samples.length > 0;
  }

  /** Asks the database. @throws its error when it cannot be reached; what is known stays in use */
  async refresh(): Promise<void> {
    // The first question may wait for a connection, which makes it a poor sample: ask until one is better.
    for (let count = this.known ? 1 : 3; count > 0; count--) {
      const asked = steadyNow();
      const answer = await readDatabaseClock(this.#database);
      const at = steadyNow();
      this.#add({ offset: answer - (asked + at) / 2, roundTripMs: at - asked, at });
    }
  }

  #add(sample: Sample): void {
    const recent = this.#samples.filter((old) => sample.at - old.at < KEEP_MS);
    const newest = this.#best();
    // A database clock that was set (or another server after a fail-over) contradicts what was known: begin anew.
    const contradicts =
      newest !== undefined &&
      Math.abs(newest.offset - sample.offset) >
        (newest.roundTripMs + sample.roundTripMs) / 2 + (sample.at - newest.at) * 10 * DRIFT + 1;
    this.#samples = contradicts ? [sample] : [...recent, sample];
  }

  #best(): Sample | undefined {
    const now = steadyNow();
    const doubt = (sample: Sample) => sample.roundTripMs / 2 + (now - sample.at) * DRIFT;
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best === undefined || doubt(sample) <= doubt(best) ? sample : best),
      undefined,
    );
  }
}

/** Unix milliseconds that only ever go forward. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
