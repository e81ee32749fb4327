import {
  activateMailbox,
  ageOutOccurrences,
  type CalendarDatabase,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  noteUnreadItems,
  type SyncCompletion,
} from 'calendar-db';
import type { CalendarWindow } from 'calendar-model';
import type { CalendarProvider } from '../provider/calendar-provider.ts';
import { type Drained, drainChanges } from './drain-changes.ts';
import { mailboxWindow, secondsToNextWindow } from './mailbox-window.ts';
import { reconcileWindow } from './reconcile-window.ts';
import { ResultWriter } from './result-writer.ts';
import { StaleLeaseError } from './stale-lease-error.ts';

export interface SyncSettings {
  /** Months around today (`cache.backward`, `cache.forward`). */
  readonly backward: number;
  readonly forward: number;
  readonly autoSync: boolean;
  readonly pollSeconds: number;
}

export interface SyncOutcome {
  /** Rows of the cache that were written. */
  readonly written: number;
  /** Whether the whole window was read, and not only the sync state moved. */
  readonly viewed: boolean;
  readonly entries: number;
  readonly leftOut: number;
  readonly skipped: number;
  readonly unreadable: number;
  readonly duplicates: number;
}

/**
 * Brings the cache of one mailbox up to date, under its lease. SyncFolderItems tells whether anything changed; if so, or
 * if the window moved on, a calendar view of the window tells what is true. The sync is drained before the view is read:
 * what changes in between comes again with the next sync.
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
    nextSyncSeconds: Math.min(settings.pollSeconds, secondsToNextWindow(lease)),
    cached: !lease.cached,
  };
  const writer = new ResultWriter(database, lease, signal);
  if (!needsView(lease, drained, window, settings)) {
    await writer.finish([], completion);
    return { written: 0, viewed: false, entries: 0, leftOut: 0, skipped: 0, unreadable: 0, duplicates: 0 };
  }
  const notBefore = settings.autoSync ? null : activatedAt;
  const { gone, ...found } = await reconcileWindow({
    database,
    provider,
    lease,
    drained,
    window,
    notBefore,
    writer,
    signal,
  });
  await ageOut(database, lease.mailboxId, window.from);
  await noteUnreadItems(database, lease, found.skipped + found.unreadable);
  await writer.finish(gone, { ...completion, window, autoSync: settings.autoSync });
  return { ...found, viewed: true, written: writer.written };
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

function needsView(lease: MailboxLease, drained: Drained, window: CalendarWindow, settings: SyncSettings): boolean {
  return (
    !lease.cached ||
    drained.changedItems === null ||
    drained.changedItems.size > 0 ||
    lease.windowFrom === null ||
    lease.windowTo === null ||
    lease.windowFrom > window.from ||
    lease.windowTo < window.to ||
    // Switched on: what had been left out is filled in.
    (settings.autoSync && lease.autoSync === false)
  );
}

async function ageOut(database: CalendarDatabase, mailboxId: number, before: Date): Promise<void> {
  while ((await ageOutOccurrences(database, mailboxId, before)) === MOST_ROWS_PER_APPLY);
}
