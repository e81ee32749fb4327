import type { TrueOccurrence } from 'exchange-simulator';
import { type CalendarEvent, isMasked } from 'gateway-protocol';

/** An event as it can be told both by Exchange and by a client, in the protocol's words. */
export interface DescribedEvent {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly allDay: boolean;
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly timeZone: string;
  readonly location: string;
  readonly organizer: string | null;
  readonly myResponse: string;
  readonly freeBusy: string;
  readonly sensitivity: string;
  readonly cancelled: boolean;
  readonly categories: readonly string[];
  readonly reminderMinutes: number | null;
  /** `address role response`, ordered. */
  readonly attendees: readonly string[];
}

const RESPONSES: Readonly<Record<string, string>> = {
  Unknown: 'unknown',
  Organizer: 'organizer',
  Tentative: 'tentative',
  Accept: 'accepted',
  Decline: 'declined',
  NoResponseReceived: 'notResponded',
};

/** What Exchange holds. `responseOf`: what the viewer should be told of an attendee's answer. */
export function describeTruth(
  truth: TrueOccurrence,
  responseOf: (address: string, inThisCopy: string) => string = (_, inThisCopy) => inThisCopy,
): DescribedEvent {
  return {
    title: truth.subject ?? '',
    start: Date.parse(truth.start),
    end: Date.parse(truth.end),
    allDay: truth.allDay,
    startDate: truth.startDate,
    endDate: truth.endDate,
    timeZone: truth.ianaTimeZone,
    location: truth.location ?? '',
    organizer: truth.organizer.address.toLowerCase(),
    myResponse: RESPONSES[truth.myResponse] ?? truth.myResponse,
    freeBusy: truth.freeBusy === 'OOF' ? 'oof' : lowerFirst(truth.freeBusy),
    sensitivity: lowerFirst(truth.sensitivity),
    cancelled: truth.isCancelled,
    categories: [...truth.categories],
    reminderMinutes: truth.reminderMinutes,
    attendees: truth.attendees
      .map(({ address, role, response }) => {
        const answer = responseOf(address.toLowerCase(), RESPONSES[response] ?? response);
        return `${address.toLowerCase()} ${role} ${answer}`;
      })
      .sort(),
  };
}

/** What a client shows. */
export function describeClientEvent(event: CalendarEvent): DescribedEvent | null {
  if (isMasked(event)) return null;
  return {
    title: event.title,
    start: event.start,
    end: event.end,
    allDay: event.allDay,
    startDate: event.startDate ?? null,
    endDate: event.endDate ?? null,
    timeZone: event.timeZone,
    location: event.location,
    organizer: event.organizer.address,
    myResponse: event.myResponse,
    freeBusy: event.freeBusy,
    sensitivity: event.sensitivity,
    cancelled: event.cancelled,
    categories: event.categories,
    reminderMinutes: event.reminderMinutes ?? null,
    attendees: event.attendees.map(({ address, role, response }) => `${address} ${role} ${response}`).sort(),
  };
}

/** Differences between what is wanted and what is there, one line each; none when they are the same. */
export function differences(
  where: string,
  wanted: ReadonlyMap<string, DescribedEvent>,
  found: ReadonlyMap<string, DescribedEvent>,
): string[] {
  const lines: string[] = [];
  for (const [key, event] of wanted) {
    const other = found.get(key);
    if (other === undefined) lines.push(`${where}: “${event.title}” is missing`);
    else lines.push(...differingFields(event, other).map((text) => `${where}: “${event.title}”: ${text}`));
  }
  for (const [key, event] of found) if (!wanted.has(key)) lines.push(`${where}: “${event.title}” should not be there`);
  return lines;
}

function differingFields(wanted: DescribedEvent, found: DescribedEvent): string[] {
  return (Object.keys(wanted) as (keyof DescribedEvent)[])
    .filter((field) => JSON.stringify(wanted[field]) !== JSON.stringify(found[field]))
    .map((field) => `${field} is ${JSON.stringify(found[field])} instead of ${JSON.stringify(wanted[field])}`);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
