import { describe, expect, it } from 'vitest';
import { type Purpose, RequestBudget } from './request-budget.ts';

const never = () => new Promise<never>(() => undefined);

describe('RequestBudget', () => {
  it('tells how much can be sent at once, by rate and by requests under way', async () => {
    const budget = new RequestBudget(5, 3);
    expect(budget.free()).toBe(3);
    for (let n = 0; n < 3; n++) void budget.add('run', never);
    await Promise.resolve();
    expect(budget.free()).toBe(0);
    const quick = new RequestBudget(5, 100);
    await Promise.all(Array.from({ length: 5 }, () => quick.add('run', async () => undefined)));
    expect(quick.free()).toBe(0);
    expect(quick.freeInMs()).toBeGreaterThan(0);
    expect(quick.freeInMs()).toBeLessThanOrEqual(1_000);
  });

  it('never sends more than its rate in any second', async () => {
    const budget = new RequestBudget(10, 100);
    const sent: number[] = [];
    const send = async () => void sent.push(performance.now());
    await Promise.all(Array.from({ length: 21 }, () => budget.add('create', send)));
    for (let n = 10; n < sent.length; n++) {
      expect((sent[n] ?? 0) - (sent[n - 10] ?? 0)).toBeGreaterThanOrEqual(990);
    }
  });

  it('sends starts before everything else that waits', async () => {
    const budget = new RequestBudget(1_000, 1);
    const order: Purpose[] = [];
    const gate = Promise.withResolvers<void>();
    const first = budget.add('watch', () => gate.promise);
    const send = (purpose: Purpose) => budget.add(purpose, async () => void order.push(purpose));
    const rest = (['lookUp', 'delete', 'create', 'ring', 'run'] as const).map(send);
    gate.resolve();
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['run', 'ring', 'create', 'delete', 'lookUp']);
  });

  it('takes rates below one a second, and another rate later', () => {
    const budget = new RequestBudget(0.5, 10);
    expect(budget.free()).toBe(1);
    budget.resize(4);
    expect(budget.free()).toBe(4);
  });
});
