import { describe, expect, it } from 'vitest';
import { StreamAllotment } from './stream-allotment.ts';

const groups = Array.from({ length: 6 }, (_, n) => `exchange/${n}`);

/** The allotments of some workers, all of one provider with two accounts. */
function workers(count: number, perAccount: number): StreamAllotment[] {
  return Array.from({ length: count }, (_, rank) => {
    const allotment = new StreamAllotment();
    allotment.share(perAccount, { workers: count, rank, groups });
    return allotment;
  });
}

describe('StreamAllotment', () => {
  it('gives the first groups a stream each, whoever owns them', () => {
    const [one, other] = workers(2, 2);
    const lent = groups.map((group, n) => (n === 0 ? one : other)?.lend(group, 2) !== null);
    expect(lent).toEqual([true, true, true, true, false, false]);
  });

  it('spreads them evenly over the accounts', () => {
    const [one] = workers(1, 3);
    const accounts = groups.map((group) => (one?.lend(group, 2)?.place ?? 0) % 2);
    expect(accounts.filter((account) => account === 0)).toHaveLength(3);
  });

  it('divides what is over among the workers, for groups that need more than one', () => {
    const lent = workers(3, 5).map((worker) => {
      const loans = Array.from({ length: 5 }, () => worker.lend('exchange/1', 2));
      return loans.filter((loan) => loan !== null).length - 1;
    });
    expect(lent).toEqual([2, 1, 1]);
  });

  it('takes a stream back and lends it again', () => {
    const [one] = workers(1, 3);
    const loan = one?.lend('exchange/0', 2);
    expect(one?.lend('exchange/0', 2)).toBeNull();
    loan?.giveBack();
    expect(one?.lend('exchange/0', 2)).not.toBeNull();
  });

  it('asks streams back when there are fewer accounts, or the group is no more', () => {
    const [one] = workers(1, 3);
    const [first, last] = [one?.lend('exchange/0', 2), one?.lend('exchange/5', 2)];
    expect([first?.holds(1), last?.holds(1)]).toEqual([true, false]);
    one?.share(3, { workers: 1, rank: 0, groups: [] });
    expect(first?.holds(2)).toBe(false);
  });
});
