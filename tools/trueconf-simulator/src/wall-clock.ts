import { performance } from 'node:perf_hooks';

/** Reads unix time in ms with a fraction; the anchor follows the system clock when that is stepped or slewed. */
export class WallClock {
  #anchor = performance.timeOrigin;

  now(): number {
    // The system clock (cut to whole ms) is read between two readings of the precise one: however long the process
    // was suspended in between, a right anchor lies within these bounds.
    const earlier = performance.now();
    const system = Date.now();
    const later = performance.now();
    if (this.#anchor + later < system) this.#anchor = system - later;
    if (this.#anchor + earlier >= system + 1) this.#anchor = system + 0.999 - earlier;
    return this.#anchor + earlier;
  }
}
