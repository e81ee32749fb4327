import type { SyncGroup } from 'calendar-db/sync';

/** A mailbox counts as fresh while it was synchronized within this many polls, and a minute. */
const FRESH_POLLS = 3;
const SLACK_SECONDS = 60;

export interface FreshnessInput {
  /** The owned groups as they were last read; null before the first time. */
  readonly groups: readonly SyncGroup[] | null;
  /** Seconds since they were read. */
  readonly readSecondsAgo: number;
  readonly pollSeconds: number;
  /** Seconds since this worker ended a sync, whatever came of it. */
  readonly idleSeconds: number;
  /** What keeps servers from being asked, one sentence each. */
  readonly troubles: readonly string[];
}

/**
 * Whether a worker keeps the mailboxes of its groups fresh (docs/architecture.md, Health). Not ready: it does not know its
 * groups, or mailboxes are overdue, their servers could be asked, and nothing happens. Degraded: somebody should look,
 * but the worker does what can be done.
 */
export function syncFreshness(input: FreshnessInput): { state: 'ok' | 'degraded' | 'unready'; detail: string } {
  const { groups, readSecondsAgo, pollSeconds, idleSeconds, troubles } = input;
  if (groups === null) return { state: 'unready', detail: 'the sync groups have not been read yet' };
  if (readSecondsAgo > SLACK_SECONDS) {
    return { state: 'unready', detail: `the sync groups were last read ${Math.round(readSecondsAgo)} s ago` };
  }
  const overdue = Math.max(0, ...groups.map(({ overdueSeconds }) => overdueSeconds));
  const overdueText = `a mailbox has been waiting for its sync for ${Math.round(overdue)} s`;
  if (overdue > SLACK_SECONDS && idleSeconds > SLACK_SECONDS && troubles.length === 0) {
    return { state: 'unready', detail: `${overdueText}, and none was synchronized for ${Math.round(idleSeconds)} s` };
  }
  const sum = (count: (group: SyncGroup) => number) => groups.reduce((total, group) => total + count(group), 0);
  const oldest = Math.max(0, ...groups.map(({ oldestSyncSeconds }) => oldestSyncSeconds ?? 0));
  const denied = sum((group) => group.denied);
  const stale = sum((group) => group.stale);
  const suspect = sum((group) => group.suspect);
  const problems = [
    ...troubles,
    denied > 0 && `mailboxes that cannot be opened: ${denied}`,
    suspect > 0 && `mailboxes with a loss that is not believed yet: ${suspect}`,
    stale > 0 && `mailboxes that fail to synchronize: ${stale}`,
    overdue > SLACK_SECONDS && overdueText,
    oldest > FRESH_POLLS * pollSeconds + SLACK_SECONDS && `a mailbox was last synchronized ${Math.round(oldest)} s ago`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) return { state: 'degraded', detail: `${problems.join(', ')}; see calendarctl status` };
  return { state: 'ok', detail: `${sum((group) => group.mailboxes)} mailboxes in ${groups.length} groups` };
}
