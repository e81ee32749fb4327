import { z } from 'zod';
import { WEEKDAYS } from '../recurrence/civil-day.ts';
import { DAY_INDEXES } from '../recurrence/recurrence.ts';
import { FREE_BUSY_STATUSES, IMPORTANCES, RESPONSE_TYPES, SENSITIVITIES } from '../store/calendar-item.ts';
import { LIST_MEMBERSHIPS } from '../store/distribution-list.ts';

const address = z.string().regex(/^[^@\s]+@[^@\s]+$/, 'an e-mail address');

const accountSchema = z.strictObject({
  /** Short login name. */
  login: z.string().min(1),
  /** NetBIOS domain of `DOMAIN\user`. */
  domain: z.string().min(1).default('CORP'),
  /** Login in the form `user@domain`; by default login@corp.example. */
  principalName: z.string().optional(),
  password: z.string().min(1),
  /** Address of the account's own mailbox. */
  mailbox: address.optional(),
  impersonates: z.union([z.enum(['none', 'all']), z.array(address)]).default('none'),
  disabled: z.boolean().default(false),
});

const mailboxSchema = z.strictObject({
  address,
  displayName: z.string().optional(),
  aliases: z.array(address).optional(),
  principalName: z.string().optional(),
  /** Gives the mailbox an account of its own: login = local part, password as stated. */
  password: z.string().min(1).optional(),
  /** NetBIOS domain of that account. */
  domain: z.string().min(1).default('CORP'),
  /** Keys of further calendar folders. */
  calendars: z.array(z.string().min(1)).optional(),
  /** Name of the server that holds it; the first by default. */
  backEnd: z.string().optional(),
  /** Addresses that may open this mailbox without impersonation. */
  delegates: z.array(address).optional(),
  /** A meeting room: told by GetRooms of the room lists that it is a member of. */
  room: z.boolean().optional(),
});

const listSchema = z.strictObject({
  address,
  displayName: z.string().optional(),
  aliases: z.array(address).optional(),
  /** Mailboxes, other lists or itself, and people without a mailbox here. */
  members: z.array(address).default([]),
  membership: z.enum(LIST_MEMBERSHIPS).default('visible'),
  roomList: z.boolean().default(false),
});

const person = z.union([
  address,
  z.strictObject({
    address: z.string().min(1),
    name: z.string().optional(),
    routingType: z.enum(['SMTP', 'EX']).optional(),
    mailboxType: z.string().optional(),
  }),
]);
const attendee = z.union([
  address,
  z.strictObject({
    address: z.string().min(1),
    name: z.string().optional(),
    routingType: z.enum(['SMTP', 'EX']).optional(),
    mailboxType: z.string().optional(),
    response: z.enum(RESPONSE_TYPES).optional(),
  }),
]);
const dateTime = z.iso.datetime({ offset: true, local: true });
const day = z.iso.date();

const DAY_CHOICES = [...WEEKDAYS, 'Day', 'Weekday', 'WeekendDay'] as const;
const range = { startDate: day, endDate: day.optional(), count: z.int().min(1).max(999).optional() };
const recurrence = z.discriminatedUnion('pattern', [
  z.strictObject({ pattern: z.literal('daily'), interval: z.int().min(1).default(1), ...range }),
  z.strictObject({ pattern: z.literal('weekly'), interval: z.int().min(1).default(1), daysOfWeek: z.array(z.enum(WEEKDAYS)).min(1), firstDayOfWeek: z.enum(WEEKDAYS).default('Sunday'), ...range }),
  z.strictObject({ pattern: z.literal('relativeMonthly'), interval: z.int().min(1).default(1), dayOfWeek: z.enum(DAY_CHOICES), index: z.enum(DAY_INDEXES), ...range }),
  z.strictObject({ pattern: z.literal('relativeYearly'), dayOfWeek: z.enum(DAY_CHOICES), index: z.enum(DAY_INDEXES), month: z.int().min(1).max(12), ...range }),
  z.strictObject({ pattern: z.literal('monthly'), interval: z.int().min(1).default(1), dayOfMonth: z.int().min(1).max(31), ...range }),
  z.strictObject({ pattern: z.literal('yearly'), dayOfMonth: z.int().min(1).max(31), month: z.int().min(1).max(12), ...range }),
]); // biome-ignore format: one pattern a line

/** A calendar item to be put straight into a mailbox, without invitations unless `send`. */
const itemSchema = z.strictObject({
  mailbox: address,
  folder: z.string().default('calendar'),
  uid: z.string().min(1).optional(),
  subject: z.string().optional(),
  body: z.string().optional(),
  bodyType: z.enum(['HTML', 'Text']).default('Text'),
  /** With offset, or as wall time of `timeZone`. */
  start: dateTime,
  end: dateTime,
  /** Windows id or IANA name. */
  timeZone: z.string().default('UTC'),
  /** The offset that a server with old zone data has for that zone all year, such as `+04:00`; its rules come with the item. */
  oldZoneOffset: z
    .string()
    .regex(/^[+-]\d\d:\d\d$/, 'an offset such as +04:00')
    .optional(),
  allDay: z.boolean().default(false),
  location: z.string().optional(),
  freeBusy: z.enum(FREE_BUSY_STATUSES).optional(),
  sensitivity: z.enum(SENSITIVITIES).optional(),
  importance: z.enum(IMPORTANCES).optional(),
  categories: z.array(z.string()).optional(),
  reminderMinutes: z.int().min(0).nullable().optional(),
  organizer: person.optional(),
  requiredAttendees: z.array(attendee).optional(),
  optionalAttendees: z.array(attendee).optional(),
  resources: z.array(attendee).optional(),
  myResponse: z.enum(RESPONSE_TYPES).optional(),
  cancelled: z.boolean().optional(),
  /** AppointmentSequenceNumber. */
  sequence: z.int().min(0).optional(),
  dateTimeStamp: dateTime.optional(),
  joinOnlineMeetingUrl: z.string().optional(),
  recurrence: recurrence.optional(),
  /** Occurrences of the series that were changed; times with offset or as wall time of `timeZone`. */
  exceptions: z
    .array(
      z.strictObject({
        originalDate: day,
        start: dateTime,
        end: dateTime,
        subject: z.string().optional(),
        location: z.string().optional(),
        cancelled: z.boolean().optional(),
      }),
    )
    .default([]),
  /** Original dates of occurrences of the series that were deleted. */
  deletedDates: z.array(day).default([]),
  /** Deliver invitations to the attendees' mailboxes. */
  send: z.boolean().default(false),
});

/** Body of `POST /control/seed`. */
export const seedSchema = z.strictObject({
  mailboxes: z.array(mailboxSchema).default([]),
  lists: z.array(listSchema).default([]),
  accounts: z.array(accountSchema).default([]),
  items: z.array(itemSchema).default([]),
});

export type AccountSeed = z.infer<typeof accountSchema>;
export type MailboxSeedInput = z.infer<typeof mailboxSchema>;
export type ItemSeed = z.infer<typeof itemSchema>;
export type Seed = z.infer<typeof seedSchema>;
