import { type CalendarWindow, halveWindow, overlapsWindow } from 'calendar-model';
import { type CalendarView, EwsError, type EwsViewItem, type UnreadableItem } from 'ews-client';

/** A window that still overflows at this size is not a calendar that halving could read. */
const SHORTEST_WINDOW_MS = 3_600_000;

/** Part of a window as the server lists it. */
export interface ViewedPart {
  readonly window: CalendarWindow;
  readonly items: readonly EwsViewItem[];
  readonly unreadable: readonly UnreadableItem[];
  /** An hour of which the server lists only so many items. */
  readonly isCut: boolean;
}

/**
 * A window as CalendarView lists it, in parts: halved where the server cuts it or finds it too much
 * (docs/reference/exchange.md §4.3). What reaches over the border of a part comes with the first of them only. An hour that
 * is still cut comes as it is.
 *
 * @param ask FindItem with a CalendarView over a part
 * @throws what `ask` throws, also for an hour that it finds too much
 */
export async function* calendarViewParts(
  window: CalendarWindow,
  ask: (part: CalendarWindow) => Promise<CalendarView>,
): AsyncGenerator<ViewedPart> {
  const given = new Set<string>();
  const parts: CalendarWindow[] = [window];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const { from, to } = part;
    const view = await ask(part).catch(orTooMuch);
    const isHour = to.getTime() - from.getTime() <= SHORTEST_WINDOW_MS;
    if (view instanceof EwsError && isHour) throw view;
    if (view instanceof EwsError || !(view.complete || isHour)) {
      parts.unshift(...halveWindow(part));
      continue;
    }
    const items = view.items
      // CalendarView also returns what ends exactly where it begins (docs/reference/exchange.md §4.2). A master's own
      // times say nothing.
      .filter(({ kind, start, end }) => kind === 'recurringMaster' || overlapsWindow({ from, to }, start, end))
      .filter(({ itemId }) => !given.has(itemId));
    for (const { itemId, end } of items) if (end > to) given.add(itemId);
    yield { window: part, items, unreadable: view.unreadable, isCut: !view.complete };
  }
}

/** The error as a value where it says that too much was asked for. */
function orTooMuch(error: unknown): EwsError {
  if (error instanceof EwsError && error.errorClass === 'size') return error;
  throw error;
}
