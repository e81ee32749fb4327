import { addressOf, CalendarWriter, type ExchangeControl, PASSWORD, type SeedItem } from 'stack-driver';

/** Occurrences that each mailbox holds: its own meeting, three invitations, and a weekly series of its owner's. */
export const OCCURRENCES = 10;
/** Of each meeting; all of them have a copy. */
export const PEOPLE = 4;
const WEEKS = OCCURRENCES - PEOPLE;
const AT_ONCE = 500;
const DAY_MS = 86_400_000;

/** An item that can be changed, in the calendar of its organizer. */
export interface ChangeableItem {
  readonly mailbox: string;
  readonly itemId: string;
}

/** Makes people and their calendars in the Exchange simulator. @returns their addresses */
export async function makeCalendars(exchange: ExchangeControl, mailboxes: number): Promise<string[]> {
  const addresses = Array.from({ length: mailboxes }, (_, n) => addressOf(`scale${String(n).padStart(5, '0')}`));
  for (const some of chunks(addresses)) {
    await exchange.addPeople(some.map((address) => ({ address, password: PASSWORD })));
  }
  for (const some of chunks(addresses.map((_, n) => n))) {
    await exchange.fill(some.flatMap((n) => itemsOf(n, addresses)));
  }
  return addresses;
}

/** The meeting of some people that they organize. */
export async function changeableItems(
  exchange: ExchangeControl,
  mailboxes: readonly string[],
): Promise<ChangeableItem[]> {
  const from = new Date(Date.now() - DAY_MS);
  const to = new Date(Date.now() + 60 * DAY_MS);
  const items: ChangeableItem[] = [];
  for (const mailbox of mailboxes) {
    const own = (await exchange.truth(mailbox, from, to)).find(({ subject }) => subject === `Meeting of ${mailbox}`);
    if (own !== undefined) items.push({ mailbox, itemId: own.itemId });
  }
  return items;
}

/** Moves a meeting to another place over EWS, which changes the copies of all its people. */
export async function changeItem(ewsUrl: string, { mailbox, itemId }: ChangeableItem, place: string): Promise<void> {
  await new CalendarWriter(ewsUrl, mailbox).relocate(itemId, place);
}

function itemsOf(n: number, addresses: readonly string[]): SeedItem[] {
  const mailbox = addresses[n]!;
  const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
  const item = (offset: number, subject: string) => ({
    mailbox,
    subject,
    timeZone: 'Europe/Berlin',
    start: `${day(offset)}T${String(8 + (n % 9)).padStart(2, '0')}:00:00`,
    end: `${day(offset)}T${String(8 + (n % 9)).padStart(2, '0')}:45:00`,
    location: 'Aurora',
    body: 'Please read the figures before we meet.',
  });
  const attendees = Array.from({ length: PEOPLE - 1 }, (_, k) => addresses[(n + k + 1) % addresses.length]!);
  const recurrence = {
    pattern: 'weekly',
    daysOfWeek: [weekday(2 + (n % 5))],
    startDate: day(2 + (n % 5)),
    count: WEEKS,
  };
  return [
    { ...item(2 + (n % 30), `Meeting of ${mailbox}`), requiredAttendees: attendees },
    { ...item(2 + (n % 5), 'Report'), recurrence },
  ];
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function weekday(offset: number): string {
  return WEEKDAYS[new Date(Date.now() + offset * DAY_MS).getUTCDay()]!;
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, n) =>
    items.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
}
