import {
  activateMailbox,
  ageOutOccurrences,
  type CalendarDatabase,
  dropOccurrencesBeyond,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  readCachedOccurrences,
  type SyncCompletion,
} from 'calendar-db';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';
import type { CalendarProvider } from '../provider/calendar-provider.ts';
import { type Drained, drainChanges } from './drain-changes.ts';
import { mailboxWindow, secondsToNextWindow } from './mailbox-window.ts';
import { NewestOccurrences } from './newest-occurrences.ts';
import { ResultWriter } from './result-writer.ts';
import { SilentChanges } from './silent-changes.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { goneEvents, planView } from './view-plan.ts';
import { type ViewScope, viewScope } from './view-scope.ts';

export interface SyncSettings {
  /** Months around today (`cache.backward`, `cache.forward`). */
  readonly backward: number;
  readonly forward: number;
  readonly autoSync: boolean;
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
}

const NOTHING_READ: Omit<SyncOutcome, 'written' | 'anew'> = {
  read: 'nothing',
  ...{ entries: 0, leftOut: 0, skipped: 0, unreadable: 0, duplicates: 0, silent: 0 },
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
    nextSyncSeconds: Math.min(settings.pollSeconds, secondsToNextWindow(lease)),
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
  const found =
    scope === 'nothing'
      ? { gone: [], outcome: NOTHING_READ }
      : await reconcile({ database, provider, lease, drained, window: span, scope, notBefore, writer, signal });
  await leaveOutside(database, lease, window);
  await writer.finish(found.gone, { ...completion, window, autoSync: settings.autoSync });
  const anew = lease.syncState !== null && drained.changedItems === null;
  return { ...found.outcome, anew, written: writer.written };
}

interface Reconciliation {
  readonly database: CalendarDatabase;
  readonly provider: CalendarProvider;
  readonly lease: MailboxLease;
  readonly drained: Drained;
  /** What is read of it. */
  readonly window: CalendarWindow;
  readonly scope: ViewScope;
  readonly notBefore: Date | null;
  readonly writer: ResultWriter;
  readonly signal: AbortSignal;
}

/** Reads a window and writes what is new or different in it. @returns what is gone, to be written last */
async function reconcile(
  job: Reconciliation,
): Promise<{ gone: string[]; outcome: Omit<SyncOutcome, 'written' | 'anew'> }> {
  const { database, provider, lease, drained, window, scope, notBefore, writer, signal } = job;
  const view = await provider.window(lease.address, drained.folderId, window, signal);
  const cached = await readCachedOccurrences(database, lease.mailboxId);
  const plan = planView({ view, cached, changedItems: drained.changedItems, notBefore });
  const elsewhere =
    scope === 'slice' ? cached.filter((row) => !row.gone && !overlapsWindow(window, row.start, row.end)) : [];
  const newest = new NewestOccurrences([...elsewhere, ...plan.unchanged]);
  const skipped: string[] = [];
  const silent = new SilentChanges(lease, scope, drained.changedItems);
  for (let from = 0; from < plan.describe.length; from += MOST_ROWS_PER_APPLY) {
    const part = plan.describe.slice(from, from + MOST_ROWS_PER_APPLY);
    const described = await provider.describe(lease.address, part, signal);
    skipped.push(...described.skipped);
    const taken = newest.take(described.occurrences);
    silent.count(taken);
    await writer.add(taken);
  }
  const gone = goneEvents({ window, view, cached, shown: newest, skipped });
  const lost = new Set(gone);
  silent.count(cached.filter(({ eventId }) => lost.has(eventId)));
  return {
    gone,
    outcome: {
      read: scope,
      entries: view.entries.length,
      leftOut: plan.leftOut,
      skipped: skipped.length,
      unreadable: view.unreadable.length,
      duplicates: newest.duplicates,
      silent: silent.found,
    },
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
