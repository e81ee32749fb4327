import type { CalendarDatabase } from 'calendar-db/database';
import { type CachedOccurrence, liveOccurrences, type MailboxLease, readCachedOccurrences } from 'calendar-db/sync';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';
import type { CalendarEntry, CalendarProvider, WindowPart } from './calendar-provider.ts';
import type { Drained } from './drain-changes.ts';
import { goneEvents } from './gone-events.ts';
import { ComingEvents, commonWindow, type Loss } from './judge-loss.ts';
import { withKnownDetails } from './known-details.ts';
import { NewestOccurrences } from './newest-occurrences.ts';
import type { ResultWriter } from './result-writer.ts';
import { SilentChanges } from './silent-changes.ts';
import { planView } from './view-plan.ts';
import type { ViewScope } from './view-scope.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

/** Entries that stand in memory with all their details. */
const DESCRIBED_AT_ONCE = 250;

export interface Reconciliation {
  readonly database: CalendarDatabase;
  readonly provider: CalendarProvider;
  readonly lease: MailboxLease;
  readonly drained: Drained;
  /** What is read: the mailbox's window, or what it has grown by. */
  readonly window: CalendarWindow;
  readonly scope: ViewScope;
  /** With `autoSync: false`: items last changed before this, and not cached yet, are left out. Null keeps all. */
  readonly notBefore: Date | null;
  readonly writer: ResultWriter;
  readonly signal: AbortSignal;
}

export interface Reconciled {
  /** Ids of cached events that are gone: to be written last, with the sync state. */
  readonly gone: readonly string[];
  /** What that means for the events to come; null where the view was not complete, so that nothing counts as gone. */
  readonly loss: Loss | null;
  /** Some items could not be read, and that is news. */
  readonly isUnreadNews: boolean;
  /** An event is gone whose id another meeting with the same UID gets when it is described again. */
  readonly freesId: boolean;
  readonly entries: number;
  readonly leftOut: number;
  readonly skipped: number;
  readonly unreadable: number;
  readonly duplicates: number;
  /** Events that a repair found to be different although the server had logged no change of theirs. */
  readonly silent: number;
}

/**
 * Reads a window part by part and writes what is new or different in each. Of a mailbox of any size there stand in
 * memory: one part's entries with what the cache holds of them, some described occurrences, and per event of the window
 * its id and which item it was seen in last, since nothing may count as gone, or as the newest of its event, before the
 * last part was seen.
 * @throws WindowTooFullError when the server cuts an hour of it: everything that it listed is written, and nothing goes
 */
export async function reconcileWindow(job: Reconciliation): Promise<Reconciled> {
  const { database, provider, lease, drained, window, scope, writer, signal } = job;
  const newest = new NewestOccurrences();
  const silent = new SilentChanges(lease, scope, drained.changedItems);
  const doubtful = new Set<string | null>();
  const counts = { entries: 0, leftOut: 0, skipped: 0, unreadable: 0 };
  let isUnreadNews = false;
  let cut: CalendarWindow | undefined;
  for await (const part of provider.window(lease.address, drained.folderId, window, signal)) {
    counts.entries += part.entries.length;
    counts.unreadable += part.unreadable.length;
    for (const itemId of part.unreadable) doubtful.add(itemId);
    if (part.isCut === true) cut ??= part.window;
    const plan = await planPart(job, part);
    counts.leftOut += plan.leftOut;
    newest.keep(plan.unchanged);
    for (let from = 0; from < plan.describe.length; from += DESCRIBED_AT_ONCE) {
      const { skipped, shown } = await describe(
        job,
        part,
        plan.describe.slice(from, from + DESCRIBED_AT_ONCE),
        newest,
        silent,
      );
      counts.skipped += skipped.length;
      for (const itemId of skipped) doubtful.add(itemId);
      isUnreadNews ||= shown.some((itemId) => !plan.again.has(itemId));
    }
  }
  const waited = newest.takeWaiting(doubtful);
  silent.count(waited);
  await writer.add(waited);
  if (cut !== undefined) {
    // What was seen is true all the same; what was not seen must not count as gone.
    await writer.flush();
    throw new WindowTooFullError(lease.address, cut);
  }
  // What was to come when a loss was first seen is looked at until that is decided.
  const coming = new ComingEvents(
    commonWindow(window, lease),
    lease.suspicion?.sinceMs ?? lease.now.getTime(),
    drained.changedItems,
  );
  const live = coming.counted(liveOccurrences(database, lease.mailboxId));
  const gone = await goneEvents({ window, live, shown: newest, doubtful });
  silent.count(gone);
  return {
    gone: gone.map(({ eventId }) => eventId),
    loss: doubtful.has(null) ? null : coming.loss(gone),
    isUnreadNews: isUnreadNews || counts.skipped + counts.unreadable > lease.unreadItems,
    freesId: gone.some(({ eventId }) => newest.isShared(eventId)),
    ...{ ...counts, duplicates: newest.duplicates, silent: silent.found },
  };
}

async function planPart({ database, lease, drained, notBefore }: Reconciliation, part: WindowPart) {
  const itemIds = part.entries.map(({ itemId }) => itemId);
  const cached = await readCachedOccurrences(database, lease.mailboxId, { itemIds });
  return planView({ view: part, cached, changedItems: drained.changedItems, notBefore });
}

/** @returns item ids of what could not be described, and of what of it is shown by the view alone */
async function describe(
  { database, lease, window, scope, writer, signal }: Reconciliation,
  part: WindowPart,
  entries: readonly CalendarEntry[],
  newest: NewestOccurrences,
  silent: SilentChanges,
): Promise<{ skipped: readonly string[]; shown: readonly string[] }> {
  const { occurrences, skipped, fromView } = await part.describe(
    entries.map(({ itemId }) => itemId),
    signal,
  );
  const described = [...occurrences, ...(await withKnownDetails(database, lease, fromView))];
  const eventIds = described.map(({ eventId }) => eventId);
  const cached: CachedOccurrence[] = await readCachedOccurrences(database, lease.mailboxId, { eventIds });
  if (scope === 'slice') {
    // Nothing has changed outside of it: what the cache holds there is true, and competes.
    const elsewhere = cached.filter(({ gone, start, end }) => !gone && !overlapsWindow(window, start, end));
    newest.keep(elsewhere.filter(({ eventId }) => !newest.has(eventId)));
  }
  const taken = newest.take(described, cached, part.window);
  silent.count(taken);
  await writer.add(taken);
  return { skipped, shown: fromView.map(({ itemId }) => itemId) };
}
