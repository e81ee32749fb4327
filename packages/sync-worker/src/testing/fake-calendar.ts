import { createHash } from 'node:crypto';
import type { SyncedOccurrence } from 'calendar-db/sync';
import { type CalendarWindow, eventId } from 'calendar-model';
import type {
  CalendarEntry,
  CalendarProvider,
  ChangePage,
  Described,
  OpenedCalendar,
  WindowPart,
} from '../engine/calendar-provider.ts';

/** An item of a `FakeCalendar`. */
export interface FakeItem {
  readonly itemId: string;
  readonly uid: string;
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly lastModified: Date;
  readonly organizer?: string;
  readonly attendees?: readonly string[];
  /** Item id of the series' master. */
  readonly seriesId?: string;
}

/** A calendar server in memory, whose change log is the list of item ids; what it is asked is counted. */
export class FakeCalendar implements CalendarProvider {
  readonly key = 'fake';
  readonly items = new Map<string, FakeItem>();
  readonly asked = { open: 0, changes: 0, window: 0, described: 0 };
  readonly #log: string[] = [];
  /** Item ids that arrive without being readable. */
  readonly unreadable = new Set<string | null>();
  /** Item ids whose details cannot be had. */
  readonly undescribable = new Set<string>();
  /** Thrown by the next call of that method. */
  failNext: { method: 'changes' | 'window' | 'describe'; error: Error } | undefined;
  /** Called within a method, before it answers. */
  during: { method: 'changes' | 'window' | 'describe'; act: () => Promise<void> } | undefined;
  pageSize = 512;
  /** Into so many parts a window is cut. */
  windowParts = 1;

  put(item: FakeItem): void {
    this.items.set(item.itemId, item);
    this.#log.push(item.itemId);
  }

  remove(itemId: string): void {
    this.items.delete(itemId);
    this.#log.push(itemId);
  }

  /** Removes all occurrences of a series; the log names the master. */
  removeSeries(masterId: string): void {
    for (const { itemId, seriesId } of [...this.items.values()]) if (seriesId === masterId) this.items.delete(itemId);
    this.#log.push(masterId);
  }

  async open(): Promise<OpenedCalendar> {
    this.asked.open++;
    return { folderId: 'folder', serverTime: new Date('2026-03-01T00:00:00Z') };
  }

  async changes(_mailbox: string, _folder: string, syncState: string | null): Promise<ChangePage> {
    this.asked.changes++;
    await this.#meddle('changes');
    const from = syncState === null ? 0 : Number(syncState);
    const to = Math.min(this.#log.length, from + this.pageSize);
    return { syncState: String(to), complete: to === this.#log.length, itemIds: this.#log.slice(from, to) };
  }

  async *window(mailbox: string, _folder: string, { from, to }: CalendarWindow): AsyncGenerator<WindowPart> {
    this.asked.window++;
    const border = (n: number) => new Date(from.getTime() + ((to.getTime() - from.getTime()) * n) / this.windowParts);
    for (let n = 0; n < this.windowParts; n++) {
      await this.#meddle('window');
      const part = { from: border(n), to: border(n + 1) };
      const shown = [...this.items.values()].filter(
        ({ start, end }) => start < part.to && end > part.from && (start >= part.from || n === 0),
      );
      const entries = shown.filter(({ itemId }) => !this.unreadable.has(itemId)).map(entryOf);
      const unreadable = n === 0 ? [...this.unreadable] : [];
      yield { window: part, entries, unreadable, describe: (itemIds) => this.#describe(mailbox, entries, itemIds) };
    }
  }

  async close(): Promise<void> {}

  async #describe(mailbox: string, shown: readonly CalendarEntry[], itemIds: readonly string[]): Promise<Described> {
    const entries = shown.filter(({ itemId }) => itemIds.includes(itemId));
    this.asked.described += entries.length;
    await this.#meddle('describe');
    const readable = entries.filter(({ itemId }) => !this.undescribable.has(itemId));
    return {
      occurrences: readable.flatMap(({ itemId, digest }) => {
        const item = this.items.get(itemId);
        return item ? [occurrenceOf(item, mailbox, digest)] : [];
      }),
      skipped: entries
        .filter(({ itemId }) => this.undescribable.has(itemId) || !this.items.has(itemId))
        .map(({ itemId }) => itemId),
      fromView: entries.flatMap(({ itemId, digest }) => {
        const item = this.items.get(itemId);
        if (item === undefined || !this.undescribable.has(itemId)) return [];
        return [{ ...occurrenceOf({ ...item, attendees: [] }, mailbox, digest), details: 'missing' as const }];
      }),
    };
  }

  async #meddle(method: 'changes' | 'window' | 'describe'): Promise<void> {
    if (this.failNext?.method === method) {
      const { error } = this.failNext;
      this.failNext = undefined;
      throw error;
    }
    if (this.during?.method === method) {
      const { act } = this.during;
      this.during = undefined;
      await act();
    }
  }
}

function entryOf(item: FakeItem): CalendarEntry {
  const { itemId, start, end, lastModified } = item;
  return { itemId, start, end, lastModified, digest: createHash('sha256').update(JSON.stringify(item)).digest('hex') };
}

/** An item as the cache is to hold it. */
export function occurrenceOf(item: FakeItem, mailbox: string, viewDigest: string): SyncedOccurrence {
  const { itemId, uid, subject, start, end, lastModified, organizer = mailbox, attendees = [], seriesId = null } = item;
  return {
    eventId: eventId({ uid, itemId, kind: 'single', originalStart: null, seriesZone: 'UTC' }),
    uid,
    originalStart: null,
    itemId,
    seriesId,
    kind: 'single',
    subject,
    start,
    end,
    allDay: false,
    startDate: null,
    endDate: null,
    timeZone: 'UTC',
    location: '',
    preview: '',
    organizer: { address: organizer, name: organizer },
    attendees: attendees.map((address) => ({ address, name: address, role: 'required', response: 'notResponded' })),
    myResponse: 'organizer',
    freeBusy: 'busy',
    sensitivity: 'normal',
    isMeeting: attendees.length > 0,
    isCancelled: false,
    categories: [],
    reminderMinutes: null,
    joinLinks: [],
    owaUrl: null,
    seriesText: null,
    lastModified,
    details: 'read',
    duplicateOf: null,
    sequence: null,
    stamp: null,
    viewDigest,
  };
}
