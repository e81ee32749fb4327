import type { TrueOccurrence } from 'exchange-simulator';
import { addressOf, type ExchangeControl, PEOPLE } from 'stack-driver';
import type { PersonClient } from '../story/person-client.ts';
import { type DescribedEvent, describeClientEvent, describeTruth, differences } from './described-event.ts';

const DAY_MS = 86_400_000;

/**
 * Compares what each client holds with Exchange itself, field by field, past everything in between. The answers of others
 * are those that the organizer's calendar knows, since an attendee's copy does not have them.
 */
export async function compareClients(
  clients: readonly PersonClient[],
  exchange: ExchangeControl,
): Promise<{ differing: string[]; compared: number }> {
  const from = new Date(Math.min(...clients.map(({ range }) => range.from)) - DAY_MS);
  const to = new Date(Math.max(...clients.map(({ range }) => range.to)) + DAY_MS);
  const calendars = new Map<string, TrueOccurrence[]>();
  for (const id of PEOPLE) calendars.set(addressOf(id), await exchange.truth(addressOf(id), from, to));
  const differing: string[] = [];
  let compared = 0;
  for (const client of clients) {
    const wanted = wantedOf(client, calendars);
    const found = new Map<string, DescribedEvent>();
    for (const event of client.events.values()) {
      const described = describeClientEvent(event);
      if (described === null) differing.push(`client of ${client.id}: an event of its own is masked`);
      else found.set(keyOf(described), described);
    }
    if (found.size !== client.events.size) differing.push(`client of ${client.id}: shows the same event twice`);
    differing.push(...differences(`client of ${client.id}`, wanted, found));
    compared += wanted.size;
  }
  return { differing, compared };
}

function wantedOf(
  client: PersonClient,
  calendars: ReadonlyMap<string, readonly TrueOccurrence[]>,
): Map<string, DescribedEvent> {
  const wanted = new Map<string, DescribedEvent>();
  for (const copy of calendars.get(client.address) ?? []) {
    if (Date.parse(copy.end) <= client.range.from || Date.parse(copy.start) >= client.range.to) continue;
    const described = describeTruth(copy, answersFor(client, copy, calendars));
    wanted.set(keyOf(described), described);
  }
  return wanted;
}

function answersFor(
  client: PersonClient,
  copy: TrueOccurrence,
  calendars: ReadonlyMap<string, readonly TrueOccurrence[]>,
): (address: string, inThisCopy: string) => string {
  const organizer = copy.organizer.address.toLowerCase();
  const theirs = calendars
    .get(organizer)
    ?.find((one) => one.cleanGlobalObjectId === copy.cleanGlobalObjectId && one.originalDate === copy.originalDate);
  const readable = theirs !== undefined && (organizer === client.address || !isPrivate(theirs));
  const answers = new Map(
    readable ? describeTruth(theirs).attendees.map((text) => [text.split(' ')[0], text.split(' ')[2]]) : [],
  );
  const own = describeTruth(copy).myResponse;
  return (address) => {
    if (address === organizer) return 'organizer';
    return address === client.address ? own : (answers.get(address) ?? 'unknown');
  };
}

function isPrivate({ sensitivity }: TrueOccurrence): boolean {
  return sensitivity === 'Private' || sensitivity === 'Confidential';
}

/** Nobody of the company plans two events of one title for the same time. */
function keyOf({ title, start }: DescribedEvent): string {
  return `${start} ${title}`;
}
