import type { Attendee, CalendarItem, CalendarProperties } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';

const LISTS = ['requiredAttendees', 'optionalAttendees', 'resources'] as const;

type Lists = Pick<CalendarProperties, (typeof LISTS)[number]>;

function unanswered(lists: Readonly<Lists>): Lists {
  const reset = (attendees: readonly Attendee[]) =>
    attendees.map(({ person }) => ({ person, response: 'Unknown' as const }));
  return {
    requiredAttendees: reset(lists.requiredAttendees),
    optionalAttendees: reset(lists.optionalAttendees),
    resources: reset(lists.resources),
  };
}

/** Voids the answers in the organizer's copy, because the meeting moved and everybody is asked again. */
export function forgetAnswers(view: ItemView): void {
  const { item, occurrence, properties } = view;
  if (occurrence === undefined) forgetAll(item);
  else Object.assign(item.exceptions.get(occurrence.day)?.overrides ?? {}, unanswered(properties));
}

function forgetAll(item: CalendarItem): void {
  item.properties = { ...item.properties, ...unanswered(item.properties) };
  for (const { overrides } of item.exceptions.values()) {
    Object.assign(overrides, unanswered({ ...item.properties, ...overrides }));
  }
}
