import type { CalendarDatabase } from 'calendar-db/database';
import {
  activateMailbox,
  ageOutOccurrences,
  dropOccurrencesBeyond,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  type SyncCompletion,
} from 'calendar-db/sync';
import type { CalendarWindow } from 'calendar-model';
import type { CalendarProvider } from './calendar-provider.ts';
import { drainChanges } from './drain-changes.ts';
import { mailboxWindow, secondsToNextWindow, secondsToReread } from './mailbox-window.ts';
import { secondsToNextPoll } from './poll-seconds.ts';
import { reconcileWindow } from './reconcile-window.ts';
import { reread } from './reread.ts';
import { ResultWriter } from './result-writer.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { type ViewScope, viewScope } from './view-scope.ts';

export interface SyncSettings {
  /** Months around today (`cache.backward`, `cache.forward`). */
  readonly backward: number;
  readonly forward: number;
  readonly autoSync: boolean;
  /** Seconds between two polls; the pauses differ a little (see `secondsToNextPoll`). */
  readonly pollSeconds: number;
  /** Days between two comparisons of a mailbox's whole window with its server. */
  readonly repairDays: number;
}

export interface SyncOutcome {
  /** Rows of the cache that were written. */
  readonly written: number;
  /** How much of the window was read: nothing, what it has grown by, all of it, or all of it although nothing told so. */
  readonly read: ViewScope;
  /** Whether the server refused the sync state, so that its whole folder was listed again. */
  readonly anew: boolean;
  readonly entries: number;
  readonly leftOut: number;
  readonly skipped: number;
  readonly unreadable: number;
  readonly duplicates: number;
  /** Events that a repair found to be different although the server had logged no change of theirs. */
  readonly silent: number;
  /** A complete view lacks so much that it is not believed: how many of the events to come are missing, and of how many. */
  readonly unbelieved: { readonly lost: number; readonly of: number } | null;
}

const NOTHING_READ: Omit<SyncOutcome, 'written' | 'anew'> = {
  read: 'nothing',
  ...{ entries: 0, leftOut: 0, skipped: 0, unreadable: 0, duplicates: 0, silent: 0, unbelieved: null },
};

/**
 * Brings the cache of one mailbox up to date, under its lease. SyncFolderItems tells whether anything changed; if so, a
 * calendar view of the window tells what is true. Where only the window moved on, its new part is read alone. The sync is
 * drained before the view is read: what changes in between comes again with the next sync.
 *
 * @throws StaleLeaseError when another worker holds the mailbox by now: nothing of the result was applied from then on
 */
export async function syncMailbox(
  database: CalendarDatabase,
  provider: CalendarProvider,
  lease: MailboxLease,
  settings: SyncSettings,
  signal: AbortSignal,
): Promise<SyncOutcome> {
  const window = mailboxWindow(lease, settings);
  const { folderId, activatedAt } = await contact(database, provider, lease, signal);
  const drained = await drainChanges(provider, lease.address, { folderId, syncState: lease.syncState }, signal);
  const completion: SyncCompletion = {
    syncState: drained.syncState,
    folderId: drained.folderId,
    nextSyncSeconds: Math.min(
      secondsToNextPoll(lease, settings.pollSeconds),
      secondsToNextWindow(lease),
      secondsToReread(lease),
    ),
    cached: !lease.cached,
  };
  const writer = new ResultWriter(database, lease, signal);
  const scope = viewScope(lease, drained, window, settings);
  const moved =
    lease.windowFrom?.getTime() !== window.from.getTime() || lease.windowTo?.getTime() !== window.to.getTime();
  if (scope === 'nothing' && !moved) {
    await writer.finish([], completion);
    return { ...NOTHING_READ, anew: false, written: 0 };
  }
  const span = scope === 'slice' && lease.windowTo !== null ? { from: lease.windowTo, to: window.to } : window;
  const notBefore = settings.autoSync ? null : activatedAt;
  const wholeWindow = { ...completion, window, autoSync: settings.autoSync };
  if (scope === 'nothing') {
    await leaveOutside(database, lease, window);
    await writer.finish([], wholeWindow);
    return { ...NOTHING_READ, anew: false, written: writer.written };
  }
  const found = await reconcileWindow({
    ...{ database, provider, lease, drained, window: span, scope, notBefore, writer, signal },
  });
  await leaveOutside(database, lease, window);
  const { gone, ...next } = reread(lease, scope, found, Math.random());
  const nextSyncSeconds = Math.min(
    settings.pollSeconds,
    secondsToNextWindow(lease),
    next.rereadSeconds ?? Number.POSITIVE_INFINITY,
  );
  await writer.finish(gone, { ...wholeWindow, ...next, nextSyncSeconds });
  const { entries, leftOut, skipped, unreadable, duplicates } = found;
  const suspicion = 'suspicion' in next ? next.suspicion : lease.suspicion;
  // Of a loss that is not believed nothing has changed yet.
  const silent = suspicion ? 0 : found.silent;
  return {
    ...{ entries, leftOut, skipped, unreadable, duplicates, silent, read: scope, written: writer.written },
    anew: lease.syncState !== null && drained.changedItems === null,
    unbelieved: suspicion ? { lost: suspicion.lost.length, of: suspicion.of } : null,
  };
}

/** The mailbox's folder and the moment of first contact; asks the server only when one of them is not known yet. */
async function contact(
  database: CalendarDatabase,
  provider: CalendarProvider,
  lease: MailboxLease,
  signal: AbortSignal,
): Promise<{ folderId: string; activatedAt: Date }> {
  if (lease.folderId !== null && lease.activatedAt !== null) {
    return { folderId: lease.folderId, activatedAt: lease.activatedAt };
  }
  const { folderId, serverTime } = await provider.open(lease.address, signal);
  const activatedAt = await activateMailbox(database, lease, serverTime);
  if (activatedAt === null) throw new StaleLeaseError(lease.address);
  return { folderId, activatedAt };
}

/** Takes out of the cache what is no longer in the window: what ended before it, and, where it was made shorter, what begins after it. */
async function leaveOutside(database: CalendarDatabase, lease: MailboxLease, window: CalendarWindow): Promise<void> {
  while ((await ageOutOccurrences(database, lease.mailboxId, window.from)) === MOST_ROWS_PER_APPLY);
  if (lease.windowTo === null || lease.windowTo <= window.to) return;
  while ((await dropOccurrencesBeyond(database, lease, window.to)) === MOST_ROWS_PER_APPLY);
}
