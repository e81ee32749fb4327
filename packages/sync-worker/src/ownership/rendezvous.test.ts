import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownedGroups } from './rendezvous.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
const groups = Array.from({ length: 40 }, (_, n) => `exchange/${n}`);

describe('ownedGroups', () => {
  it('gives every group to exactly one of the live workers', () => {
    fc.assert(
      fc.property(names, (workers) => {
        const shares = workers.flatMap((worker) => ownedGroups(groups, workers, worker));
        expect(shares.sort()).toEqual([...groups].sort());
      }),
    );
  });

  it('moves only the groups of a worker that leaves', () => {
    fc.assert(
      fc.property(names, (workers) => {
        const [leaving, ...staying] = workers;
        for (const worker of staying) {
          const before = ownedGroups(groups, workers, worker);
          const after = ownedGroups(groups, staying, worker);
          expect(after).toEqual(expect.arrayContaining(before));
        }
        expect(ownedGroups(groups, staying, leaving ?? '')).toEqual(ownedGroups(groups, workers, leaving ?? ''));
      }),
    );
  });

  it('owns everything while it is not listed yet and nobody else is', () => {
    expect(ownedGroups(groups, [], 'alone')).toEqual(groups);
  });
});
