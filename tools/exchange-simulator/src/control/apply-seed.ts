import { Temporal } from 'temporal-polyfill';
import { sendMeeting } from '../delivery/send-meeting.ts';
import { createCalendarItem } from '../editing/create-calendar-item.ts';
import { encodeItemId } from '../ids.ts';
import type { ItemDraft } from '../properties/property-definition.ts';
import { parseDay } from '../recurrence/civil-day.ts';
import type { Recurrence } from '../recurrence/recurrence.ts';
import type { Attendee, CalendarProperties, Person } from '../store/calendar-item.ts';
import { findRecipient } from '../store/directory.ts';
import { viewOfItem } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import { type ExchangeZone, instantOfWall, zoneOfId, zoneOfOldData } from '../time/exchange-zone.ts';
import { ControlError } from './control-error.ts';
import type { AccountSeed, ItemSeed, MailboxSeedInput, Seed } from './seed-schema.ts';

/** Identity of a seeded item. */
export interface SeededItem {
  readonly mailbox: string;
  readonly itemId: string;
  readonly uid: string;
}

/**
 * Puts mailboxes, lists, accounts and items in place, in this order. What has the same address or login already is kept
 * (a mailbox) or replaced (a list, an account).
 *
 * @throws ControlError 404 for an item of an unknown mailbox, 400 for an unknown time zone.
 */
export function applySeed(organization: Organization, seed: Seed): { items: SeededItem[] } {
  for (const mailbox of seed.mailboxes) addMailbox(organization, mailbox);
  for (const list of seed.lists) organization.setList(list);
  for (const account of seed.accounts) addAccount(organization, account);
  return { items: seed.items.map((item) => addItem(organization, item)) };
}

/** The mailbox with this address. @throws ControlError 404. */
export function requireMailbox(organization: Organization, address: string): Mailbox {
  const mailbox = organization.mailboxByAnyAddress(address);
  if (mailbox === undefined) throw new ControlError(404, `There is no mailbox ${address}; seed it first.`);
  return mailbox;
}

function addMailbox(organization: Organization, seed: MailboxSeedInput): void {
  const mailbox = organization.addMailbox(seed);
  if (seed.backEnd !== undefined) mailbox.backEnd = seed.backEnd;
  for (const name of seed.calendars ?? []) mailbox.addCalendar(name);
  for (const delegate of seed.delegates ?? []) mailbox.delegates.add(delegate.toLowerCase());
  if (seed.password === undefined) return;
  organization.setAccount({
    name: seed.address.split('@')[0]!,
    domain: seed.domain,
    principalName: seed.principalName ?? seed.address,
    password: seed.password,
    mailbox: seed.address,
    impersonates: 'none',
    disabled: false,
    badPasswords: 0,
    locked: false,
  });
}

function addAccount(organization: Organization, seed: AccountSeed): void {
  organization.setAccount({
    name: seed.login,
    domain: seed.domain,
    principalName: seed.principalName ?? `${seed.login}@${seed.domain.toLowerCase()}.example`,
    password: seed.password,
    mailbox: seed.mailbox,
    impersonates: seed.impersonates,
    disabled: seed.disabled,
    badPasswords: 0,
    locked: false,
  });
}

function addItem(organization: Organization, seed: ItemSeed): SeededItem {
  const mailbox = requireMailbox(organization, seed.mailbox);
  if (mailbox.folder(seed.folder) === undefined)
    throw new ControlError(404, `${seed.mailbox} has no folder ${seed.folder}.`);
  const known = zoneOfId(seed.timeZone);
  if (known === undefined)
    throw new ControlError(400, `The time zone ${seed.timeZone} is neither a Windows id nor an IANA name.`);
  const zone = seed.oldZoneOffset === undefined ? known : zoneOfOldData(known, seed.oldZoneOffset);
  const draft: ItemDraft = { properties: draftProperties(organization, seed, zone) };
  if (seed.uid !== undefined) draft.uid = seed.uid;
  if (seed.recurrence !== undefined) draft.recurrence = readRecurrence(seed.recurrence);
  const item = createCalendarItem(organization, mailbox, seed.folder, draft, zone);
  for (const { originalDate, start, end, cancelled, ...stated } of seed.exceptions) {
    const times = { start: readInstant(start, zone), end: readInstant(end, zone) };
    const overrides = {
      ...times,
      ...(stated.subject === undefined ? {} : { subject: stated.subject }),
      ...(stated.location === undefined ? {} : { location: stated.location }),
      ...(cancelled === undefined ? {} : { isCancelled: cancelled }),
    };
    item.exceptions.set(parseDay(originalDate)!, { overrides, modifiedAt: item.modifiedAt });
  }
  for (const date of seed.deletedDates) item.deletedDays.add(parseDay(date)!);
  if (seed.send) {
    item.properties.meetingRequestWasSent = true;
    sendMeeting(organization, viewOfItem(mailbox, item), undefined, 'all', true);
  }
  const itemId = encodeItemId({ mailboxGuid: mailbox.identity.guid, number: item.number, day: undefined });
  return { mailbox: mailbox.identity.address, itemId, uid: item.uid };
}

function draftProperties(organization: Organization, seed: ItemSeed, zone: ExchangeZone): Partial<CalendarProperties> {
  const stated: { [Key in keyof CalendarProperties]?: CalendarProperties[Key] | undefined } = {
    subject: seed.subject,
    body: seed.body === undefined ? undefined : { type: seed.bodyType, content: seed.body },
    start: readInstant(seed.start, zone),
    end: readInstant(seed.end, zone),
    startZone: zone,
    endZone: zone,
    isAllDay: seed.allDay,
    location: seed.location,
    freeBusy: seed.freeBusy,
    sensitivity: seed.sensitivity,
    importance: seed.importance,
    categories: seed.categories,
    reminderIsSet: seed.reminderMinutes === null ? false : undefined,
    reminderMinutes: seed.reminderMinutes ?? undefined,
    organizer: seed.organizer === undefined ? undefined : readPerson(organization, seed.organizer),
    requiredAttendees: seed.requiredAttendees?.map((attendee) => readAttendee(organization, attendee)),
    optionalAttendees: seed.optionalAttendees?.map((attendee) => readAttendee(organization, attendee)),
    resources: seed.resources?.map((attendee) => readAttendee(organization, attendee)),
    isCancelled: seed.cancelled,
    sequence: seed.sequence,
    stampedAt: seed.dateTimeStamp === undefined ? undefined : readInstant(seed.dateTimeStamp, zone),
    joinOnlineMeetingUrl: seed.joinOnlineMeetingUrl,
    ...receivedProperties(seed),
  };
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}

/** An item with another organizer is an attendee's copy. */
function receivedProperties(seed: ItemSeed): Partial<CalendarProperties> {
  const organizer = typeof seed.organizer === 'string' ? seed.organizer : seed.organizer?.address;
  const isReceived = organizer !== undefined && organizer.toLowerCase() !== seed.mailbox.toLowerCase();
  const myResponse = seed.myResponse ?? (isReceived ? 'NoResponseReceived' : undefined);
  return { isReceived, ...(myResponse === undefined ? {} : { myResponse }) };
}

function readInstant(text: string, zone: ExchangeZone): number {
  if (/(Z|[+-]\d\d:?\d\d)$/.test(text)) return Date.parse(text);
  return instantOfWall(Temporal.PlainDateTime.from(text), zone);
}

type PersonSeed = NonNullable<ItemSeed['organizer']>;

function readPerson(organization: Organization, seed: PersonSeed): Person {
  const stated = typeof seed === 'string' ? { address: seed } : seed;
  const known = findRecipient(organization, stated.address);
  return {
    name: stated.name ?? known?.name ?? stated.address,
    address: stated.address,
    routingType: stated.routingType ?? 'SMTP',
    mailboxType: stated.mailboxType ?? known?.mailboxType ?? 'OneOff',
  };
}

function readAttendee(organization: Organization, seed: NonNullable<ItemSeed['requiredAttendees']>[number]): Attendee {
  return {
    person: readPerson(organization, seed),
    response: (typeof seed === 'string' ? undefined : seed.response) ?? 'Unknown',
  };
}

function readRecurrence(seed: NonNullable<ItemSeed['recurrence']>): Recurrence {
  const startDay = parseDay(seed.startDate)!;
  const endDay = seed.endDate === undefined ? undefined : parseDay(seed.endDate)!;
  const range: Recurrence['range'] =
    endDay !== undefined
      ? { kind: 'endDate', startDay, endDay }
      : seed.count !== undefined
        ? { kind: 'numbered', startDay, count: seed.count }
        : { kind: 'noEnd', startDay };
  switch (seed.pattern) {
    case 'daily':
      return { pattern: { kind: 'daily', interval: seed.interval }, range };
    case 'weekly': {
      const { interval, daysOfWeek, firstDayOfWeek } = seed;
      return { pattern: { kind: 'weekly', interval, daysOfWeek, firstDayOfWeek }, range };
    }
    case 'relativeMonthly': {
      const { interval, dayOfWeek: dayChoice, index: dayIndex } = seed;
      return { pattern: { kind: 'relativeMonthly', interval, dayChoice, dayIndex }, range };
    }
    case 'relativeYearly': {
      const { dayOfWeek: dayChoice, index: dayIndex, month } = seed;
      return { pattern: { kind: 'relativeYearly', dayChoice, dayIndex, month }, range };
    }
    case 'monthly':
      return { pattern: { kind: 'absoluteMonthly', interval: seed.interval, dayOfMonth: seed.dayOfMonth }, range };
    case 'yearly':
      return { pattern: { kind: 'absoluteYearly', dayOfMonth: seed.dayOfMonth, month: seed.month }, range };
  }
}
