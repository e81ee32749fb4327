import { CalendarWriter, type ExchangeControl, type SeedItem } from 'stack-driver';

export const MAILBOXES = 50;
export const OCCURRENCES = 500;
const SERIES = 10;
const PER_SERIES = 30;
const ATTENDEES = 4;
/** Occurrences of each mailbox that its owner moves to another room; each attendee then has an invitation to that one. */
const EXCEPTIONS = 5;
const SINGLES = OCCURRENCES - SERIES * PER_SERIES - EXCEPTIONS * ATTENDEES;

const DAY_MS = 86_400_000;
/** All of it lies within the window of two months back and three ahead. */
const FIRST_DAY = -50;
const DAYS = 130;

const BODY = 'Please read the figures before we meet; what is open stands at the end of the page. '.repeat(6);

/**
 * Fills each mailbox with 500 occurrences, all of them meetings with four people, texts and a place: 180 singles, ten
 * series over the working days of six weeks, of which five occurrences are exceptions, and twenty invitations to single
 * occurrences of other people's series. The exceptions, and with them these invitations, come about over EWS.
 *
 * @param today a date, `YYYY-MM-DD`
 */
export async function fillCalendars(
  exchange: ExchangeControl,
  ewsUrl: string,
  mailboxes: readonly string[],
  today: string,
): Promise<void> {
  for (const [index, mailbox] of mailboxes.entries()) await exchange.fill(calendarOf(mailbox, index, mailboxes, today));
  const from = Date.parse(today) + FIRST_DAY * DAY_MS;
  for (const mailbox of mailboxes) {
    const writer = new CalendarWriter(ewsUrl, mailbox);
    const shown = await exchange.truth(mailbox, new Date(from), new Date(from + DAYS * DAY_MS));
    const occurrences = shown.filter(({ kind }) => kind === 'Occurrence').slice(0, EXCEPTIONS);
    for (const { itemId } of occurrences) await writer.relocate(itemId, 'Borealis');
  }
}

function calendarOf(mailbox: string, index: number, mailboxes: readonly string[], today: string): SeedItem[] {
  const attendees = Array.from({ length: ATTENDEES }, (_, n) => mailboxes[(index + n + 1) % mailboxes.length]!);
  const day = (offset: number) => new Date(Date.parse(today) + offset * DAY_MS).toISOString().slice(0, 10);
  const meeting = (offset: number, hour: number, subject: string) => ({
    mailbox,
    subject,
    timeZone: 'Europe/Berlin',
    start: `${day(offset)}T${String(hour).padStart(2, '0')}:00:00`,
    end: `${day(offset)}T${String(hour).padStart(2, '0')}:45:00`,
    location: 'Aurora',
    body: BODY,
    categories: ['Work'],
    requiredAttendees: attendees.slice(0, 3),
    optionalAttendees: attendees.slice(3),
  });
  const singles = Array.from({ length: SINGLES }, (_, n) =>
    meeting(FIRST_DAY + (n % DAYS), 8 + Math.floor(n / DAYS), `Meeting ${n}`),
  );
  const series = Array.from({ length: SERIES }, (_, n) => {
    const first = FIRST_DAY + n * 8;
    return {
      ...meeting(first, 10 + (n % 6), `Series ${n}`),
      recurrence: {
        pattern: 'weekly',
        daysOfWeek: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
        startDate: day(first),
        count: PER_SERIES,
      },
    };
  });
  return [...singles, ...series];
}
