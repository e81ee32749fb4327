import { createHash } from 'node:crypto';
import type { MailboxLease } from 'calendar-db';
import { type CalendarWindow, calendarWindow } from 'calendar-model';

const HOUR_MS = 3_600_000;

/**
 * The window that a mailbox is to cover now, by the database's clock. Each mailbox's day turns at an hour of its own, up
 * to a day early: otherwise all of them would read their whole window at midnight.
 */
export function mailboxWindow(
  lease: Pick<MailboxLease, 'address' | 'now'>,
  months: { readonly backward: number; readonly forward: number },
): CalendarWindow {
  const earlyHours = createHash('sha1').update(lease.address).digest().readUInt8(0) % 24;
  const today = calendarWindow(lease.now, months);
  const ahead = calendarWindow(new Date(lease.now.getTime() + earlyHours * HOUR_MS), months);
  return { from: today.from, to: ahead.to };
}
