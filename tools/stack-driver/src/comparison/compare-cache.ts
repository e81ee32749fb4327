import type { TrueOccurrence } from 'exchange-simulator';
import type { ExchangeControl } from '../exchange-control.ts';
import { cachedCalendar, cachedMailboxes, type Queryable } from './cached-calendar.ts';
import { calendarDifferences } from './shown-event.ts';
import { trueCalendar } from './true-calendar.ts';

/**
 * Compares what Exchange holds with the rows of every mailbox, field by field, each mailbox over the time that its cache
 * covers; and that the same occurrence has one event id in all mailboxes, which nothing else has. Uses no code of the
 * connector.
 *
 * @param addresses whose mailboxes have to be there, and no others
 * @returns one line per difference, naming mailbox, event and field, and how many events were compared
 */
export async function compareCache(
  database: Queryable,
  exchange: ExchangeControl,
  addresses: readonly string[],
): Promise<{ differing: string[]; compared: number }> {
  const mailboxes = await cachedMailboxes(database);
  const differing = mailboxDifferences(addresses, mailboxes);
  const names = new EventNames();
  let compared = 0;
  for (const { id, address, from, to } of mailboxes) {
    if (from === null || to === null) continue;
    const truth = await exchange.truth(address, from, to);
    const wanted = trueCalendar(truth);
    const { calendar, eventIds } = await cachedCalendar(database, id);
    differing.push(...calendarDifferences(address, wanted, calendar));
    for (const occurrence of truth) names.add(address, occurrence, eventIds.get(occurrence.itemId));
    compared += wanted.size;
  }
  return { differing: [...differing, ...names.conflicts], compared };
}

function mailboxDifferences(addresses: readonly string[], mailboxes: readonly { address: string; status: string }[]) {
  const statuses = new Map(mailboxes.map(({ address, status }) => [address, status]));
  const wanted = new Set(addresses);
  return [
    ...addresses
      .filter((address) => statuses.get(address) !== 'ok')
      .map((address) => `${address}: its mailbox is ${statuses.get(address) ?? 'not known'} instead of ok`),
    ...mailboxes.filter(({ address }) => !wanted.has(address)).map(({ address }) => `${address}: nobody listed it`),
  ];
}

/** Which occurrence each event id stands for, over all mailboxes. */
class EventNames {
  readonly conflicts: string[] = [];
  readonly #occurrenceOf = new Map<string, string>();
  readonly #idOf = new Map<string, string>();

  add(
    address: string,
    { subject, cleanGlobalObjectId, globalObjectId, originalDate }: TrueOccurrence,
    id?: string,
  ): void {
    if (id === undefined) return;
    const occurrence = `${cleanGlobalObjectId} ${originalDate ?? dateOfLoneOccurrence(globalObjectId)}`;
    const known = this.#idOf.get(occurrence) ?? id;
    const stands = this.#occurrenceOf.get(id) ?? occurrence;
    if (known !== id) this.conflicts.push(`${address}: “${subject}” has the event id ${id}, elsewhere ${known}`);
    if (stands !== occurrence) {
      this.conflicts.push(`${address}: “${subject}” shares the event id ${id} with another occurrence`);
    }
    this.#idOf.set(occurrence, known);
    this.#occurrenceOf.set(id, stands);
  }
}

/** An invitation to one occurrence has its date in bytes 17 to 20 of its GlobalObjectId (MS-OXOCAL 2.2.1.27), zero otherwise. */
function dateOfLoneOccurrence(globalObjectId: string): string {
  const bytes = Buffer.from(globalObjectId.slice(32, 40), 'hex');
  const [year, month, day] = [bytes.readUInt16BE(0), bytes.readUInt8(2), bytes.readUInt8(3)];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
