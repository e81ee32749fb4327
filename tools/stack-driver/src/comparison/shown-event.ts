/**
 * An event as its owner's Outlook shows it, told by whoever knows: Exchange itself, the database, another client. Times
 * are ISO 8601 in UTC, dates `YYYY-MM-DD`, words are those of the database. A witness that cannot know a field leaves it
 * out, and it is not compared then.
 */
export interface ShownEvent {
  readonly kind: string;
  readonly uid?: string;
  readonly originalStart: string | null;
  readonly seriesId?: string | null;
  readonly subject: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly startDate: string | null;
  readonly endDate: string | null;
  /** IANA name; which of several names of one zone does not matter. */
  readonly timeZone: string;
  readonly location: string;
  /** The first 255 characters of the body as plain text, white space collapsed. */
  readonly preview: string;
  readonly organizerAddress: string | null;
  readonly organizerName: string;
  readonly isOrganizerCopy?: boolean;
  readonly isMeeting: boolean;
  /** `address role response name`, ordered. */
  readonly attendees: readonly string[];
  readonly myResponse: string;
  readonly freeBusy: string;
  readonly sensitivity: string;
  readonly isCancelled: boolean;
  readonly categories: readonly string[];
  /** Minutes before the start; null without a reminder. */
  readonly reminderMinutes: number | null;
}

const ZONE_NAMES = new Map<string, string>();

/** Events by ItemId. */
export type ShownCalendar = ReadonlyMap<string, ShownEvent>;

/**
 * What differs between a calendar as it should be and as it was found, one line for each event that is missing or too
 * many and for each field that differs, naming mailbox, event and field.
 */
export function calendarDifferences(mailbox: string, wanted: ShownCalendar, found: ShownCalendar): string[] {
  const lines: string[] = [];
  for (const [itemId, event] of wanted) {
    const other = found.get(itemId);
    if (other === undefined) lines.push(`${mailbox}: ${nameOf(event)} is missing`);
    else lines.push(...fieldDifferences(event, other).map((text) => `${mailbox}: ${nameOf(event)}: ${text}`));
  }
  for (const [itemId, event] of found) {
    if (!wanted.has(itemId)) lines.push(`${mailbox}: ${nameOf(event)} should not be there`);
  }
  return lines;
}

function nameOf({ kind, subject, start }: ShownEvent): string {
  return `the ${kind} “${subject}” of ${start}`;
}

function fieldDifferences(wanted: ShownEvent, found: ShownEvent): string[] {
  return (Object.keys(wanted) as (keyof ShownEvent)[])
    .filter((field) => wanted[field] !== undefined && found[field] !== undefined)
    .filter((field) => comparable(field, wanted) !== comparable(field, found))
    .map((field) => `${field} is ${JSON.stringify(found[field])} instead of ${JSON.stringify(wanted[field])}`);
}

function comparable(field: keyof ShownEvent, event: ShownEvent): string {
  return field === 'timeZone' ? oneNameOf(event.timeZone) : JSON.stringify(event[field]);
}

/** Asia/Calcutta and Asia/Kolkata are one zone. Which name is the right one is a matter of the tables' year. */
function oneNameOf(timeZone: string): string {
  let name = ZONE_NAMES.get(timeZone);
  if (name === undefined) {
    name = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
    ZONE_NAMES.set(timeZone, name);
  }
  return name;
}
