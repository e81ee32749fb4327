import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCalendar } from '../testing/fake-calendar.ts';
import { providerError } from '../testing/sample-provider-error.ts';
import type { ChangePage } from './calendar-provider.ts';
import { drainChanges } from './drain-changes.ts';

const signal = new AbortController().signal;
let calendar: FakeCalendar;
let asked: [string, string | null][];
let answer: (folderId: string, state: string | null) => ChangePage;
beforeEach(() => {
  calendar = new FakeCalendar();
  asked = [];
  answer = () => ({ syncState: 'new', complete: true, itemIds: ['a'] });
  calendar.changes = async (_mailbox, folderId, state) => {
    asked.push([folderId, state]);
    return answer(folderId, state);
  };
});

const drain = (syncState: string | null, folderId = 'folder') =>
  drainChanges(calendar, 'anna@corp.example', { folderId, syncState }, signal);

describe('drainChanges', () => {
  it('gathers all pages, and knows of no changes when it began at the beginning', async () => {
    const pages: ChangePage[] = [
      { syncState: '1', complete: false, itemIds: ['a', 'b'] },
      { syncState: '2', complete: true, itemIds: ['b', 'c'] },
    ];
    answer = (_, state) => pages[state === '1' ? 1 : 0] as ChangePage;
    expect(await drain('0')).toEqual({ folderId: 'folder', syncState: '2', changedItems: new Set(['a', 'b', 'c']) });
    expect(await drain(null)).toMatchObject({ syncState: '2', changedItems: null });
  });

  it('lists the folder anew when the server no longer takes the state', async () => {
    answer = (_, state) => {
      if (state !== null) throw providerError('resync', { lost: 'sync-state' });
      return { syncState: 'fresh', complete: true, itemIds: [] };
    };
    expect(await drain('old')).toEqual({ folderId: 'folder', syncState: 'fresh', changedItems: null });
    expect(asked).toEqual([
      ['folder', 'old'],
      ['folder', null],
    ]);
  });

  it.each([['resync'], ['mailbox'], ['item']] as const)(
    'looks the folder up again when it is lost, said as %s, and lists it anew',
    async (errorClass) => {
      answer = (folderId) => {
        if (folderId !== 'folder') throw providerError(errorClass, { lost: 'folder' });
        return { syncState: 'fresh', complete: true, itemIds: ['a'] };
      };
      expect(await drain('old', 'of another server')).toMatchObject({ folderId: 'folder', changedItems: null });
    },
  );

  it('looks the folder up again too when a server first refuses the state and then the folder of another one', async () => {
    answer = (folderId, state) => {
      if (state !== null) throw providerError('resync', { lost: 'sync-state' });
      if (folderId !== 'folder') throw providerError('mailbox', { lost: 'folder' });
      return { syncState: 'fresh', complete: true, itemIds: ['a'] };
    };
    expect(await drain('old', 'of another server')).toEqual({
      ...{ folderId: 'folder', syncState: 'fresh', changedItems: null },
    });
  });

  it('gives up when the folder is not found under the id that was just looked up', async () => {
    answer = () => {
      throw providerError('resync', { lost: 'folder' });
    };
    await expect(drain('old')).rejects.toMatchObject({ lost: 'folder' });
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('notices at once when the server repeats itself, and soon when it announces more and brings nothing', async () => {
    answer = () => ({ syncState: 'same', complete: false, itemIds: ['a'] });
    await expect(drain('same')).rejects.toMatchObject({ code: 'sync-endless-paging' });
    expect(asked).toHaveLength(1);
    let n = 0;
    answer = () => ({ syncState: `${n++}`, complete: false, itemIds: [] });
    await expect(drain('s')).rejects.toMatchObject({ code: 'sync-endless-paging' });
    expect(asked.length).toBeLessThan(30);
  });
});
