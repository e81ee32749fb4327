import type { MailboxLease } from 'calendar-db/sync';
import type { CalendarWindow } from 'calendar-model';
import type { Drained } from './drain-changes.ts';
import { isRepairDue, isRereadDue } from './mailbox-window.ts';

/**
 * How much of a mailbox's window is read: nothing, what it has grown by at its end, all of it because something changed or
 * is to be looked at again, or all of it although nothing told so.
 */
export type ViewScope = 'nothing' | 'slice' | 'window' | 'repair';

interface ViewSettings {
  readonly autoSync: boolean;
  readonly repairDays: number;
}

/** How much of the window a sync has to read. */
export function viewScope(
  lease: MailboxLease,
  drained: Drained,
  window: CalendarWindow,
  settings: ViewSettings,
): ViewScope {
  const { windowFrom, windowTo, suspicion } = lease;
  if (!lease.cached || windowFrom === null || windowTo === null) return 'window';
  // While a loss is not believed no sync counts, so that a repair would stay due.
  if (suspicion === null && isRepairDue(lease, settings.repairDays)) return 'repair';
  const isNews = drained.changedItems === null || drained.changedItems.size > 0;
  // Switched on: what had been left out is filled in.
  const isFilledIn = settings.autoSync && lease.autoSync === false;
  if (isNews || isFilledIn || isRereadDue(lease) || windowFrom > window.from) return 'window';
  return windowTo < window.to ? 'slice' : 'nothing';
}
