import { describe, expect, it } from 'vitest';
import { RequestBudget } from './request-budget.ts';

const rate = { requestsPerSecond: 10, requestBurst: 50 };

describe('RequestBudget', () => {
  it('grants a burst, then what the rate brings', () => {
    const budget = new RequestBudget();
    const take = (now: number, count: number) =>
      Array.from({ length: count }, () => budget.take(now, rate)).filter((verdict) => verdict === 'grant').length;
    expect(take(0, 60)).toBe(50);
    expect(take(1_000, 60)).toBe(10);
    expect(take(1_050, 5)).toBe(0);
    expect(take(3_600_000, 100)).toBe(50);
  });

  it('gives up a client that goes on after a hundred refusals', () => {
    const budget = new RequestBudget();
    const verdicts = Array.from({ length: 160 }, () => budget.take(0, rate));
    expect(verdicts.slice(50, 150)).toEqual(Array(100).fill('refuse'));
    expect(verdicts[150]).toBe('close');
  });
});
