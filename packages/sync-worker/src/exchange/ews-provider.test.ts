import { EwsReplyError, type EwsViewItem } from 'ews-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WindowPart } from '../engine/calendar-provider.ts';
import { describeParts } from '../testing/describe-parts.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import { calendarItem, ewsError, viewItem } from '../testing/sample-ews-items.ts';
import { type EwsAccounts, EwsProvider } from './ews-provider.ts';

const MAILBOX = 'anna@corp.example';
const WINDOW = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-04-01T00:00:00Z') };
const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;

let reader: FakeReader;
let provider: EwsProvider;
beforeEach(() => {
  reader = new FakeReader();
  const accounts: EwsAccounts = {
    call: (_mailbox, _signal, work) => work(reader),
    lendForStream: () => null,
    close: () => reader.close(),
  };
  provider = new EwsProvider('exchange', accounts, () => true);
});

async function window() {
  const parts: WindowPart[] = [];
  for await (const part of provider.window(MAILBOX, 'folder', WINDOW, signal)) parts.push(part);
  return {
    parts,
    entries: parts.flatMap(({ entries }) => entries),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
  };
}

async function describeAll(items: EwsViewItem[]) {
  reader.items = items;
  return describeParts((await window()).parts, signal);
}

describe('EwsProvider.window', () => {
  it('halves the window while the list is cut, and gives what crosses a border once', async () => {
    reader.items = Array.from({ length: 40 }, (_, n) => {
      const start = new Date(WINDOW.from.getTime() + n * 18 * HOUR_MS);
      return viewItem({ itemId: `${n}`, start, end: new Date(start.getTime() + 30 * HOUR_MS) });
    });
    reader.viewLimit = 7;
    const { entries } = await window();
    expect(entries.map(({ itemId }) => Number(itemId)).sort((a, b) => a - b)).toEqual(reader.items.map((_, n) => n));
    expect(reader.views.length).toBeGreaterThan(8);
    const { parts } = await window();
    expect(parts.map((part) => part.window.from)).toEqual([
      WINDOW.from,
      ...parts.slice(0, -1).map((part) => part.window.to),
    ]);
    expect(parts.at(-1)?.window.to).toEqual(WINDOW.to);
  });

  it('keeps what moved across a border while the window was read', async () => {
    const start = new Date(WINDOW.from.getTime() + HOUR_MS);
    const filler = Array.from({ length: 4 }, (_, n) => viewItem({ itemId: `${n}`, start }));
    const late = viewItem({ itemId: 'late', start: new Date(WINDOW.to.getTime() - HOUR_MS) });
    reader.items = [...filler, late];
    reader.viewLimit = 4;
    const middle = new Date((WINDOW.from.getTime() + WINDOW.to.getTime()) / 2);
    reader.before = () => {
      if (reader.views.length < 2) return;
      const end = new Date(middle.getTime() + HOUR_MS);
      reader.items = [...filler, viewItem({ itemId: 'late', start: new Date(middle.getTime() - HOUR_MS), end })];
    };
    expect((await window()).entries.map(({ itemId }) => itemId)).toContain('late');
  });

  it('halves the window when the server finds it too much', async () => {
    reader.before = (_mailbox, operation) => {
      if (operation === 'FindItem' && reader.views.length === 0) {
        reader.views.push({ ...WINDOW });
        throw ewsError('ErrorTimeoutExpired', 'size');
      }
    };
    reader.items = [viewItem()];
    expect((await window()).entries).toHaveLength(1);
    expect(reader.views).toHaveLength(3);
  });

  it('tells which hour holds more than the server lists, with what it lists, and when even an hour is too much for it', async () => {
    reader.items = Array.from({ length: 9 }, (_, n) => viewItem({ itemId: `${n}` }));
    reader.viewLimit = 8;
    const cut = (await window()).parts.filter(({ isCut }) => isCut);
    // What ends where the next part begins is listed there too, and leaves no room in it either.
    expect(cut.map(({ entries }) => entries.length)).toEqual([8, 0, 0]);
    expect(cut[0]!.window.to.getTime() - cut[0]!.window.from.getTime()).toBeLessThanOrEqual(HOUR_MS);
    reader.before = () => {
      throw ewsError('ErrorTimeoutExpired', 'size');
    };
    await expect(window()).rejects.toMatchObject({ detail: 'ErrorTimeoutExpired' });
  });

  it('drops what ends exactly where the window begins; keeps what has no length there', async () => {
    const { from } = WINDOW;
    reader.items = [
      viewItem({ itemId: 'before', start: new Date(from.getTime() - HOUR_MS), end: from }),
      viewItem({ itemId: 'moment', start: from, end: from }),
    ];
    expect((await window()).entries.map(({ itemId }) => itemId)).toEqual(['moment']);
  });

  it('tells what could not be read', async () => {
    reader.unreadable = [
      { itemId: 'odd', reason: 'x' },
      { itemId: null, reason: 'y' },
    ];
    expect((await window()).unreadable).toEqual(['odd', null]);
  });

  it('gives an entry the same digest unless something but its change key is different', async () => {
    const digestOf = async (given: Partial<EwsViewItem>) => {
      reader.items = [viewItem(given)];
      return (await window()).entries[0]?.digest;
    };
    const digest = await digestOf({});
    expect(await digestOf({ changeKey: 'another' })).toBe(digest);
    expect(await digestOf({ subject: 'another' })).not.toBe(digest);
    expect(await digestOf({ lastModified: new Date() })).not.toBe(digest);
  });

  it('throws what is wrong with the mailbox', async () => {
    reader.before = () => {
      throw ewsError('ErrorAccessDenied', 'mailbox');
    };
    await expect(window()).rejects.toMatchObject({ detail: 'ErrorAccessDenied' });
  });
});

describe('EwsProvider.changes', () => {
  it('names what came, changed or went, but not what was only read', async () => {
    expect((await provider.changes(MAILBOX, 'folder', null, signal)).itemIds).toEqual(['came', 'went']);
  });

  it('asks for fewer when the server finds a page too much, and gives up at one', async () => {
    const asked: (number | undefined)[] = [];
    const inner = reader.syncFolderItems.bind(reader);
    reader.syncFolderItems = async (mailbox, request) => {
      asked.push(request.maxChanges);
      if ((request.maxChanges ?? 0) > 200) throw ewsError('ErrorTimeoutExpired', 'size');
      return inner(mailbox, request);
    };
    expect((await provider.changes(MAILBOX, 'folder', null, signal)).itemIds).toHaveLength(2);
    expect(asked).toEqual([512, 256, 128]);
    reader.syncFolderItems = async () => {
      throw ewsError('ErrorTimeoutExpired', 'size');
    };
    await expect(provider.changes(MAILBOX, 'folder', null, signal)).rejects.toMatchObject({ errorClass: 'size' });
  });
});

describe('EwsProvider.describe', () => {
  const singles = (count: number) => Array.from({ length: count }, (_, n) => viewItem({ itemId: `${n}` }));
  beforeEach(() => {
    for (const { itemId } of singles(60)) reader.details.set(itemId, calendarItem({ itemId }));
  });

  it('asks in batches and halves those that are too much for the server', async () => {
    reader.batchLimit = 10;
    reader.tooMany = ewsError('ErrorTimeoutExpired', 'size', { operation: 'GetItem' });
    const { occurrences, skipped } = await describeAll(singles(60));
    expect(occurrences.map(({ itemId }) => itemId)).toEqual(singles(60).map(({ itemId }) => itemId));
    expect(skipped).toEqual([]);
    expect(reader.batches.map(({ ids }) => ids.length)).toEqual([25, 13, 7, 7, 7, 7, 7, 7, 7, 7, 4]);
  });

  it('asks once without its body for an item whose content Exchange cannot convert', async () => {
    reader.failsWithBody.set('1', ewsError('ErrorCorruptData', 'item', { scope: 'item' }));
    const { occurrences } = await describeAll(singles(3));
    expect(occurrences).toHaveLength(3);
    expect(reader.batches).toEqual([
      { ids: ['0', '1', '2'], body: 'preview' },
      { ids: ['1'], body: 'none' },
    ]);
  });

  it('skips an item that cannot be had, and no other', async () => {
    reader.details.set('0', ewsError('ErrorItemNotFound', 'item', { scope: 'item' }));
    reader.details.set('2', ewsError('ErrorCorruptData', 'item', { scope: 'item' }));
    const { occurrences, skipped } = await describeAll(singles(4));
    expect(occurrences.map(({ itemId }) => itemId)).toEqual(['1', '3']);
    expect(skipped).toEqual(['0', '2']);
  });

  it.each([
    ['is no XML', 'item', 'the reply is no well-formed XML'],
    ['is beyond limits', 'size', 'the reply is beyond limits'],
  ] as const)('comes down to the one item whose reply %s, and skips it', async (_, errorClass, message) => {
    const inner = reader.getItems.bind(reader);
    reader.getItems = async (mailbox, requests, options) => {
      if (requests.some((request) => 'itemId' in request && request.itemId === '17')) {
        const details = { errorClass: requests.length > 1 ? 'size' : errorClass, scope: 'mailbox' } as const;
        throw new EwsReplyError(message, { host: 'h', mailbox, operation: 'GetItem' }, details);
      }
      return inner(mailbox, requests, options);
    };
    const { occurrences, skipped } = await describeAll(singles(30));
    expect(skipped).toEqual(['17']);
    expect(occurrences).toHaveLength(29);
  });

  it('throws when the server is too slow even for one item: that is no fault of the item', async () => {
    reader.batchLimit = 0;
    reader.tooMany = ewsError('ErrorTimeoutExpired', 'size', { operation: 'GetItem' });
    await expect(describeAll(singles(3))).rejects.toMatchObject({ detail: 'ErrorTimeoutExpired' });
  });

  it('throws what is wrong with the mailbox, so that nothing passes for missing', async () => {
    reader.details.set('1', ewsError('ErrorMailboxStoreUnavailable', 'transient'));
    await expect(describeAll(singles(3))).rejects.toMatchObject({ errorClass: 'transient' });
  });

  it('fetches a series’ master once, and gives its people, text and links to every occurrence', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 2, day, 9));
    const occurrence = (day: number) =>
      viewItem({ itemId: `day ${day}`, kind: 'occurrence', uid: 'series', start: at(day), recurrenceId: at(day) });
    const moved = viewItem({ itemId: 'moved', kind: 'exception', uid: 'series', start: at(20), recurrenceId: null });
    const boris = {
      name: 'Boris',
      address: 'boris@corp.example',
      routingType: 'SMTP',
      mailboxType: null,
      response: 'accepted',
      respondedAt: null,
    } as const;
    const recurrence = {
      pattern: { type: 'daily', interval: 1 },
      range: { type: 'noEnd', startDate: '2026-03-01' },
    } as const;
    const master = calendarItem({
      ...{ itemId: 'master', kind: 'recurringMaster', requiredAttendees: [boris], bodyPreview: 'Of all' },
      ...{ recurrence, bodyLinks: ['https://video.example/c/42'] },
    });
    reader.details.set('master of day 2', master);
    reader.details.set('moved', calendarItem({ ...moved, originalStart: at(19), bodyPreview: 'Of one' }));
    const { occurrences } = await describeAll([occurrence(2), occurrence(3), moved]);
    expect(reader.batches).toEqual([{ ids: ['moved', 'master of day 2'], body: 'preview' }]);
    expect(occurrences.map(({ preview }) => preview)).toEqual(['Of all', 'Of all', 'Of one']);
    expect(occurrences.map(({ seriesId }) => seriesId)).toEqual(['master', 'master', 'master']);
    expect(occurrences.map(({ originalStart }) => originalStart)).toEqual([at(2), at(3), at(19)]);
    expect(occurrences[1]).toMatchObject({
      attendees: [{ address: 'boris@corp.example', role: 'required', response: 'accepted' }],
      seriesText: 'every day',
    });
    expect(occurrences[2]?.attendees).toEqual([]);
    const [part] = (await window()).parts;
    await part?.describe(['day 2'], signal);
    await part?.describe(['day 3'], signal);
    expect(reader.batches.slice(1)).toEqual([{ ids: ['master of day 2'], body: 'preview' }]);
  });

  it('skips an exception whose original start nobody tells, and an occurrence whose master is gone', async () => {
    const gone = ewsError('ErrorItemNotFound', 'item', { scope: 'item' });
    reader.details.set('odd', calendarItem({ itemId: 'odd', kind: 'exception' }));
    for (const id of ['odd', 'lonely']) reader.details.set(`master of ${id}`, gone);
    const items = [
      viewItem({ itemId: 'odd', kind: 'exception', uid: 'a' }),
      viewItem({ itemId: 'lonely', kind: 'occurrence', uid: 'b' }),
    ];
    const { fromView, ...described } = await describeAll(items);
    expect(described).toEqual({ occurrences: [], skipped: ['odd', 'lonely'] });
    // The view tells enough of the other one to name it.
    expect(fromView).toMatchObject([{ itemId: 'lonely', details: 'missing', attendees: [] }]);
  });
});
