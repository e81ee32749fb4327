/** Numbers that look random and come again with the same seed (mulberry32). */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** The seed of the environment variable, to play a failed story again, or any. */
  static ofEnvironment(variable = 'CALENDAR_STORY_SEED'): SeededRandom {
    const told = Number(process.env[variable]);
    return new SeededRandom(Number.isInteger(told) && told > 0 ? told : 1 + Math.floor(Math.random() * 1_000_000));
  }

  /** From 0 up to 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** @throws RangeError when there is none */
  pick<One>(list: readonly One[]): One {
    const one = list[this.whole(0, list.length - 1)];
    if (one === undefined) throw new RangeError('there is nothing to pick from');
    return one;
  }
}
