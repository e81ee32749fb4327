import { describe, expect, it } from 'vitest';
import { HostBudget } from './host-budget.ts';

const signal = new AbortController().signal;

/** Work that ends when told; counts how much of it is under way. */
class Work {
  underWay = 0;
  readonly #ends: (() => void)[] = [];

  readonly begin = () =>
    new Promise<void>((resolve) => {
      this.underWay++;
      this.#ends.push(() => {
        this.underWay--;
        resolve();
      });
    });

  endOne(): void {
    this.#ends.shift()?.();
  }
}

describe('HostBudget', () => {
  it('lets a host answer so many requests at a time, whoever asks', async () => {
    const [budget, work] = [new HostBudget(), new Work()];
    budget.share(3, 1);
    const calls = Array.from({ length: 10 }, () => budget.run(signal, work.begin));
    expect([work.underWay, budget.waiting]).toEqual([3, 7]);
    for (let n = 0; n < 10; n++) {
      work.endOne();
      await new Promise(setImmediate);
      expect(work.underWay).toBeLessThanOrEqual(3);
    }
    await Promise.all(calls);
  });

  it('is divided among the workers: shrinks at once, grows later', () => {
    const [budget, work] = [new HostBudget(60_000), new Work()];
    budget.share(8, 4);
    for (let n = 0; n < 10; n++) void budget.run(signal, work.begin);
    expect(work.underWay).toBe(2);
    budget.share(8, 2);
    expect(work.underWay).toBe(2);
    const quick = new HostBudget(0);
    quick.share(8, 4);
    quick.share(8, 2);
    const other = new Work();
    for (let n = 0; n < 10; n++) void quick.run(signal, other.begin);
    expect(other.underWay).toBe(4);
  });

  it('makes no call that was given up while it waited', async () => {
    const [budget, work] = [new HostBudget(), new Work()];
    budget.share(1, 1);
    const first = budget.run(signal, work.begin);
    const aborter = new AbortController();
    const second = budget.run(aborter.signal, work.begin);
    aborter.abort(new Error('given up'));
    work.endOne();
    await first;
    await expect(second).rejects.toThrow('given up');
    expect(work.underWay).toBe(0);
  });
});
