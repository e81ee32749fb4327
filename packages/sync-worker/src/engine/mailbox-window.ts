import type { MailboxLease } from 'calendar-db/sync';
import { type CalendarWindow, calendarWindow } from 'calendar-model';
import { mailboxPhase } from './mailbox-phase.ts';

const DAY_MS = 24 * 3_600_000;

/**
 * The window that a mailbox is to cover now, by the database's clock. Each mailbox's day turns at a moment of its own, up
 * to a day early: otherwise all of them would read their whole window at midnight.
 */
export function mailboxWindow(
  lease: Pick<MailboxLease, 'address' | 'now'>,
  months: { readonly backward: number; readonly forward: number },
): CalendarWindow {
  const today = calendarWindow(lease.now, months);
  const ahead = calendarWindow(new Date(lease.now.getTime() + earlyMs(lease.address)), months);
  return { from: today.from, to: ahead.to };
}

/** Seconds until the window of a mailbox moves on, so that it is read anew: never more than a day. */
export function secondsToNextWindow(lease: Pick<MailboxLease, 'address' | 'now'>): number {
  return (DAY_MS - ((lease.now.getTime() + earlyMs(lease.address)) % DAY_MS)) / 1000;
}

/**
 * Whether a mailbox is to be compared with its server as a whole: once in so many days, each mailbox at a moment of its own,
 * so that they spread over that time. Due from that moment until a sync succeeds, whoever is to run it by then.
 */
export function isRepairDue(lease: Pick<MailboxLease, 'address' | 'now' | 'syncedAt'>, repairDays: number): boolean {
  if (lease.syncedAt === null) return false;
  const period = repairDays * DAY_MS;
  const phase = mailboxPhase(lease.address, 'repair') * period;
  const turn = (at: Date) => Math.floor((at.getTime() + phase) / period);
  return turn(lease.now) > turn(lease.syncedAt);
}

/** Whether the whole window is to be read though the server tells of no change. */
export function isRereadDue({
  rereadAt,
  suspicion,
  now,
}: Pick<MailboxLease, 'rereadAt' | 'suspicion' | 'now'>): boolean {
  return suspicion?.confirmed === true || (rereadAt !== null && rereadAt <= now);
}

/** Seconds until the window is to be read again, as the last sync left it; Infinity: nothing asks for it. */
export function secondsToReread({ rereadAt, now }: Pick<MailboxLease, 'rereadAt' | 'now'>): number {
  return rereadAt === null ? Number.POSITIVE_INFINITY : Math.max(0, (rereadAt.getTime() - now.getTime()) / 1000);
}

function earlyMs(address: string): number {
  return Math.floor(mailboxPhase(address, 'new day') * DAY_MS);
}
