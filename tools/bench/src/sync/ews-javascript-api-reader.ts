/**
 * Reads calendars with `ews-javascript-api`, unpatched: a process of its own that takes a `ReaderTask` on standard input,
 * prints a `MailboxRead` for each mailbox, then `DONE`, and ends when its input does.
 *
 * default: one mailbox after the other, all details in one call, as its documentation shows. best: eight mailboxes at the
 * same time, as the connector has connections, and details in batches of 100, which keeps the parser's trees small.
 */
import { createInterface } from 'node:readline';
import {
  type Appointment,
  AppointmentSchema,
  BasePropertySet,
  BodyType,
  CalendarView,
  ConnectingIdType,
  DateTime,
  ExchangeService,
  ExchangeVersion,
  ImpersonatedUserId,
  PropertySet,
  Uri,
  WebCredentials,
  WellKnownFolderName,
} from 'ews-javascript-api';
import { DONE, type MailboxRead, type ReaderTask } from './reader-task.ts';

const AT_A_TIME = 8;
const BATCH = 100;
const MOST_ITEMS = 1000;

/** What the connector stores of an event. */
const FIELDS = [
  AppointmentSchema.ICalUid,
  AppointmentSchema.Subject,
  AppointmentSchema.Start,
  AppointmentSchema.End,
  AppointmentSchema.IsAllDayEvent,
  AppointmentSchema.StartTimeZone,
  AppointmentSchema.Location,
  AppointmentSchema.Body,
  AppointmentSchema.Organizer,
  AppointmentSchema.RequiredAttendees,
  AppointmentSchema.OptionalAttendees,
  AppointmentSchema.Resources,
  AppointmentSchema.MyResponseType,
  AppointmentSchema.LegacyFreeBusyStatus,
  AppointmentSchema.Sensitivity,
  AppointmentSchema.IsMeeting,
  AppointmentSchema.IsCancelled,
  AppointmentSchema.Categories,
  AppointmentSchema.IsReminderSet,
  AppointmentSchema.ReminderMinutesBeforeStart,
  AppointmentSchema.AppointmentType,
  AppointmentSchema.OriginalStart,
  AppointmentSchema.LastModifiedTime,
];

const input = createInterface({ input: process.stdin });
const task = await new Promise<ReaderTask>((resolve) => {
  input.once('line', (line) => resolve(JSON.parse(line) as ReaderTask));
});
const waiting = [...task.mailboxes];
await Promise.all(Array.from({ length: task.settings === 'best' ? AT_A_TIME : 1 }, readOn));
console.log(JSON.stringify(DONE));

async function readOn(): Promise<void> {
  for (let mailbox = waiting.shift(); mailbox !== undefined; mailbox = waiting.shift()) {
    console.log(JSON.stringify(await read(mailbox)));
  }
}

async function read(mailbox: string): Promise<MailboxRead> {
  const startedMs = performance.timeOrigin + performance.now();
  const service = new ExchangeService(ExchangeVersion.Exchange2013_SP1);
  service.Credentials = new WebCredentials(task.login, task.password);
  service.Url = new Uri(task.ewsUrl);
  service.ImpersonatedUserId = new ImpersonatedUserId(ConnectingIdType.SmtpAddress, mailbox);
  const view = new CalendarView(new DateTime(task.from), new DateTime(task.to), MOST_ITEMS);
  view.PropertySet = new PropertySet(BasePropertySet.IdOnly);
  const found = await service.FindAppointments(WellKnownFolderName.Calendar, view);
  const appointments: Appointment[] = found.Items;
  const fields = new PropertySet(BasePropertySet.IdOnly, FIELDS);
  fields.RequestedBodyType = BodyType.Text;
  const size = task.settings === 'best' ? BATCH : MOST_ITEMS;
  for (let at = 0; at < appointments.length; at += size) {
    await service.LoadPropertiesForItems(appointments.slice(at, at + size), fields);
  }
  return {
    mailbox,
    startedMs,
    endedMs: performance.timeOrigin + performance.now(),
    occurrences: appointments.length,
    attendees: sum(appointments, (one) =>
      [one.RequiredAttendees, one.OptionalAttendees, one.Resources].reduce((all, { Count }) => all + Count, 0),
    ),
    bodyCharacters: sum(appointments, (one) => one.Body.Text.length),
  };
}

function sum(appointments: readonly Appointment[], of: (one: Appointment) => number): number {
  return appointments.reduce((all, one) => all + of(one), 0);
}
