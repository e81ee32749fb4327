import type { MailboxLease, SyncCompletion } from 'calendar-db/sync';
import { judgeLoss, type Verdict } from './judge-loss.ts';
import { isRereadDue, secondsToReread } from './mailbox-window.ts';
import type { Reconciled } from './reconcile-window.ts';
import type { ViewScope } from './view-scope.ts';

const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 3_600;
/** Until a meeting takes over the id that another one with its UID has left. */
const FREED_ID_SECONDS = 1;

/** What follows of a window that was read, for the next reading of it. */
export interface Reread extends Pick<SyncCompletion, 'unread' | 'rereadSeconds' | 'suspicion'> {
  /** Ids of events that are gone; none while the view is not believed. */
  readonly gone: readonly string[];
}

type Found = Pick<Reconciled, 'gone' | 'loss' | 'isUnreadNews' | 'freesId' | 'skipped' | 'unreadable'>;

/**
 * When a mailbox's window is to be read again, and whether what it lacks is gone. Items that could not be read are asked for
 * again with growing pauses, from a second to an hour, anew when there are others; a loss that is not believed is looked at
 * as `judgeLoss` says. A slice says nothing of the rest, so it only adds what it could not read.
 *
 * @param jitter from 0 to 1, so that many mailboxes do not come back in the same moment
 */
export function reread(lease: MailboxLease, scope: ViewScope, found: Found, jitter: number): Reread {
  const isWhole = scope !== 'slice';
  const isUnjudged = !isWhole || found.loss === null;
  const verdict =
    found.loss === null || !isWhole ? unjudged(lease) : judgeLoss(lease.suspicion, found.loss, lease.now.getTime());
  const gone = verdict.suspicion === null ? found.gone : [];
  const items = found.skipped + found.unreadable + (isWhole ? 0 : lease.unreadItems);
  const tries = triesOf(lease, found, items);
  const pauses = [
    verdict.againSeconds,
    items > 0 ? unreadSeconds(lease, found, tries, jitter) : null,
    found.freesId && gone.length > 0 ? FREED_ID_SECONDS : null,
  ].filter((pause) => pause !== null);
  return {
    gone,
    unread: { items, tries },
    rereadSeconds: pauses.length === 0 ? null : Math.min(...pauses),
    ...(!isUnjudged && { suspicion: verdict.suspicion }),
  };
}

/** A view that is not complete leaves a suspicion as it is. */
function unjudged({ suspicion, ...lease }: MailboxLease): Verdict {
  return {
    suspicion,
    againSeconds:
      suspicion === null
        ? null
        : Math.min(LONGEST_PAUSE_SECONDS, Math.max(FIRST_PAUSE_SECONDS, secondsToReread(lease))),
  };
}

function triesOf(lease: MailboxLease, { isUnreadNews }: Found, items: number): number {
  if (items === 0 || isUnreadNews) return 0;
  return isRereadDue(lease) ? lease.unreadTries + 1 : lease.unreadTries;
}

function unreadSeconds(lease: MailboxLease, { isUnreadNews }: Found, tries: number, jitter: number): number {
  const isWaiting = !isUnreadNews && lease.rereadAt !== null && !isRereadDue(lease);
  if (isWaiting) return secondsToReread(lease);
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** Math.min(tries, 20)) * (1 + jitter / 4);
}
