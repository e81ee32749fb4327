import { type CalendarWindow, expandSeries, type SeriesOccurrence } from 'calendar-model';
import type { EwsCalendarItem, EwsModifiedOccurrence, EwsViewItem } from 'ews-client';
import { type ExchangeEntry, exchangeEntry, type ListedEvent, type WindowContext } from './exchange-entry.ts';
import type { ExchangeZones } from './exchange-zone.ts';
import { firstOccurrence } from './zone-guess.ts';

/** A series of a server that does not expand it: its master as the folder's list tells it, and with details. */
export interface StoredSeries {
  readonly listed: EwsViewItem;
  readonly master: EwsCalendarItem;
}

/** One occurrence of a stored series. */
export interface LocalOccurrence extends StoredSeries {
  readonly place: SeriesOccurrence<EwsModifiedOccurrence>;
}

/**
 * What a series puts into a window by Exchange's rules; nothing when its rule could not be read.
 *
 * @param mailbox canonical address of the mailbox that holds it
 */
export function localOccurrences(
  series: StoredSeries,
  window: CalendarWindow,
  zones: ExchangeZones,
  mailbox: string,
): LocalOccurrence[] {
  const { master } = series;
  if (master.recurrence === null) return [];
  const told = master.seriesZone ?? master.startZone;
  const places = expandSeries(
    {
      recurrence: master.recurrence,
      start: master.start,
      end: master.end,
      isAllDay: master.isAllDay,
      zoneAt: zones.clockOfSeries(told, {
        start: master.start,
        isAllDay: master.isAllDay,
        mailbox,
        first: firstOccurrence(master),
      }),
      deleted: master.deletedOccurrences,
      modified: master.modifiedOccurrences,
    },
    window,
  );
  return places.map((place) => ({ ...series, place }));
}

/**
 * An occurrence as an expanding server would list it, with the details that it needs.
 *
 * @param exception the details of the item that stands in its place; null for a plain occurrence, and for an exception
 * that the server does not give by itself: that one is the master's but for its times
 */
export function localEntry(
  { listed, master, place }: LocalOccurrence,
  exception: EwsCalendarItem | null,
  context: WindowContext,
): ExchangeEntry {
  const item: ListedEvent = {
    ...(exception === null ? listed : viewOf(exception)),
    // Nobody has an id for a plain occurrence of such a server; `@` is in none of those that servers make.
    itemId: place.modified?.itemId ?? `${listed.itemId}@${place.date}`,
    uid: listed.uid ?? exception?.uid ?? null,
    globalObjectId: listed.globalObjectId,
    cleanGlobalObjectId: listed.cleanGlobalObjectId,
    kind: place.modified === null ? 'occurrence' : 'exception',
    start: place.start,
    end: place.end,
    recurrenceId: place.originalStart,
    isRecurring: true,
  };
  return exchangeEntry(item, context, { details: exception ?? master, master });
}

/** What of an item's details a view tells as well, so that digests do not depend on the rest. */
function viewOf(details: EwsCalendarItem): EwsViewItem {
  const {
    organizer: _organizer,
    requiredAttendees: _required,
    optionalAttendees: _optional,
    resources: _resources,
    bodyPreview: _preview,
    bodyLinks: _links,
    joinOnlineMeetingUrl: _url,
    originalStart: _original,
    sequence: _sequence,
    recurrence: _recurrence,
    modifiedOccurrences: _modified,
    deletedOccurrences: _deleted,
    seriesZone: _zone,
    ...view
  } = details;
  return view;
}
