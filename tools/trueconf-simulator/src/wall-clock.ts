import { performance } from 'node:perf_hooks';

/** Reads unix time in ms with a fraction; the anchor follows the system clock when that is stepped or slewed. */
export class WallClock {
  #anchor = performance.timeOrigin;

  now(): number {
    const precise = this.#anchor + performance.now();
    const system = Date.now();
    // Date.now() is cut to whole ms: a correct anchor stays within [0, 1) above it.
    if (precise < system || precise >= system + 1) {
      this.#anchor += precise < system ? system - precise : system + 0.999 - precise;
    }
    return this.#anchor + performance.now();
  }
}
