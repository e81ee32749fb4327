import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DirtyEvents } from './dirty-events.ts';

describe('DirtyEvents', () => {
  it('gives each id once, what is owed first, and tells when nothing is left', () => {
    const dirty = new DirtyEvents();
    dirty.mark('c');
    dirty.owe(['a', 'b']);
    dirty.mark('a');
    expect(dirty.size).toBe(3);
    expect(dirty.take(2)).toEqual({ ids: ['a', 'b'], whole: false });
    expect(dirty.take(2)).toEqual({ ids: ['c'], whole: true });
    expect(dirty.take(2)).toEqual({ ids: [], whole: true });
  });

  it('does not count what a snapshot owes as changes that pile up', () => {
    const dirty = new DirtyEvents();
    dirty.owe(['a', 'b']);
    dirty.mark('b');
    dirty.mark('c');
    expect(dirty.changed).toBe(1);
  });

  it('loses no id and invents none, in whatever order it is used', () => {
    const use = fc.oneof(
      fc.record({ act: fc.constant('mark' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ act: fc.constant('owe' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ act: fc.constant('take' as const), limit: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(use), (uses) => {
        const dirty = new DirtyEvents();
        const model = new Set<string>();
        for (const one of uses) {
          if (one.act === 'take') {
            const { ids, whole } = dirty.take(one.limit);
            expect(new Set(ids).size).toBe(ids.length);
            for (const id of ids) expect(model.delete(id)).toBe(true);
            expect(whole).toBe(model.size === 0);
          } else {
            model.add(one.id);
            if (one.act === 'mark') dirty.mark(one.id);
            else dirty.owe([one.id]);
          }
          expect(dirty.size).toBe(model.size);
        }
      }),
    );
  });
});
