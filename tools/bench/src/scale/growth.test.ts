import { describe, expect, it } from 'vitest';
import { exponentOf, rowOf } from './growth.ts';

describe('the growth of a figure', () => {
  it('is the slope between the last two sizes', () => {
    expect(exponentOf([100, 1_000, 10_000], [5, 10, 1_000])).toBeCloseTo(2);
    expect(exponentOf([100, 1_000], [7, 7])).toBeCloseTo(0);
  });

  it('is not known of one size, nor of a figure that is missing or zero', () => {
    expect(exponentOf([100], [5])).toBeNull();
    expect(exponentOf([100, 1_000], [null, 5])).toBeNull();
    expect(exponentOf([100, 1_000], [0, 5])).toBeNull();
  });

  it('is judged by the bound of its kind', () => {
    const judged = (growth: 'flat' | 'people' | 'any', last: number) =>
      rowOf('a change', 'blocks', growth, [20, 200], [100, last]).within;
    expect(judged('flat', 110)).toBe(true);
    expect(judged('flat', 1_000)).toBe(false);
    expect(judged('people', 1_000)).toBe(true);
    expect(judged('people', 10_000)).toBe(false);
    expect(judged('any', 10_000)).toBeNull();
  });

  it('says nothing while the figure is small', () => {
    expect(rowOf('a read', 'blocks', 'flat', [20, 200], [2, 20]).within).toBe(true);
  });
});
