import {
  activateMailbox,
  ageOutOccurrences,
  applySyncChunk,
  type CalendarDatabase,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  readCachedOccurrences,
  type SyncCompletion,
} from 'calendar-db';
import type { CalendarWindow } from 'calendar-model';
import { EwsError } from 'ews-client';
import type { CalendarProvider } from '../provider/calendar-provider.ts';
import { mailboxWindow } from './mailbox-window.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { planView, resultOfView, type ViewResult } from './view-plan.ts';

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

/** Sync pages of one cycle; more means that the server repeats itself (ews.md §12, trap 20). */
const MOST_PAGES = 2_000;

interface Drained {
  readonly syncState: string;
  readonly changedItems: ReadonlySet<string>;
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
  const { address } = lease;
  const window = mailboxWindow(lease, settings);
  const { folderId, activatedAt } = await contact(database, provider, lease, signal);
  const drained = await drainChanges(provider, address, folderId, lease.syncState, signal);
  const completion: SyncCompletion = {
    syncState: drained.syncState,
    folderId,
    nextSyncSeconds: settings.pollSeconds,
    cached: !lease.cached,
  };
  if (!needsView(lease, drained, window, settings)) {
    await applyResult(database, lease, { occurrences: [], gone: [], duplicates: 0 }, completion);
    return { written: 0, viewed: false, entries: 0, leftOut: 0, skipped: 0, unreadable: 0, duplicates: 0 };
  }
  const view = await provider.window(address, folderId, window, signal);
  const cached = await readCachedOccurrences(database, lease.mailboxId);
  const notBefore = settings.autoSync ? null : activatedAt;
  const plan = planView({ view, cached, changedItems: drained.changedItems, notBefore });
  const described = await provider.describe(address, plan.describe, signal);
  const result = resultOfView({ window, view, cached, plan, described });
  const whole = { ...completion, window, autoSync: settings.autoSync };
  const written = await applyResult(database, lease, result, whole);
  await ageOut(database, lease.mailboxId, window.from);
  return {
    written,
    viewed: true,
    entries: view.entries.length,
    leftOut: plan.leftOut,
    skipped: described.skipped.length,
    unreadable: view.unreadable.length,
    duplicates: result.duplicates,
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

/**
 * Reads all changes since a sync state. A state that the server no longer takes is dropped and the folder listed whole;
 * the view that follows reconciles the cache, which is never emptied first (ews.md §5).
 */
async function drainChanges(
  provider: CalendarProvider,
  address: string,
  folderId: string,
  from: string | null,
  signal: AbortSignal,
): Promise<Drained> {
  const changedItems = new Set<string>();
  let syncState = from;
  for (let page = 0; page < MOST_PAGES; page++) {
    try {
      const changes = await provider.changes(address, folderId, syncState, signal);
      for (const itemId of changes.itemIds) changedItems.add(itemId);
      syncState = changes.syncState;
      if (changes.complete) return { syncState, changedItems };
    } catch (error) {
      if (syncState === null || !isResync(error)) throw error;
      syncState = null;
    }
  }
  throw new EndlessSyncError(address);
}

function isResync(error: unknown): boolean {
  return (
    error instanceof EwsError && error.errorClass === 'resync' && error.responseCode === 'ErrorInvalidSyncStateData'
  );
}

/** SyncFolderItems never came to an end. */
export class EndlessSyncError extends Error {
  readonly code = 'sync-endless-paging';

  constructor(mailbox: string) {
    super(`${mailbox}: the server announced more changes after ${MOST_PAGES} pages; it is asked again later`);
    this.name = new.target.name;
  }
}

function needsView(lease: MailboxLease, drained: Drained, window: CalendarWindow, settings: SyncSettings): boolean {
  return (
    !lease.cached ||
    drained.changedItems.size > 0 ||
    lease.windowFrom === null ||
    lease.windowTo === null ||
    lease.windowFrom > window.from ||
    lease.windowTo < window.to ||
    // Switched on: what had been left out is filled in.
    (settings.autoSync && lease.autoSync === false)
  );
}

/** Writes a result in chunks; the last one brings the new sync state and ends the lease. */
async function applyResult(
  database: CalendarDatabase,
  lease: MailboxLease,
  { occurrences, gone }: ViewResult,
  completion: SyncCompletion,
): Promise<number> {
  let written = 0;
  const chunks = Math.max(1, Math.ceil((occurrences.length + gone.length) / MOST_ROWS_PER_APPLY));
  for (let chunk = 0; chunk < chunks; chunk++) {
    const from = chunk * MOST_ROWS_PER_APPLY;
    const to = from + MOST_ROWS_PER_APPLY;
    const rows = await applySyncChunk(database, lease, {
      occurrences: occurrences.slice(from, to),
      gone: gone.slice(Math.max(0, from - occurrences.length), Math.max(0, to - occurrences.length)),
      done: chunk === chunks - 1 ? completion : null,
    });
    if (rows === null) throw new StaleLeaseError(lease.address);
    written += rows;
  }
  return written;
}

async function ageOut(database: CalendarDatabase, mailboxId: number, before: Date): Promise<void> {
  while ((await ageOutOccurrences(database, mailboxId, before)) === MOST_ROWS_PER_APPLY);
}
