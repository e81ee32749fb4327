import {
  askForAddresses,
  type ConferencePlan,
  type EventFacts,
  planConferences,
  readAddressMap,
  readEventFacts,
} from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { Logger } from 'worker-kit';
import { AddressBook } from './address-book.ts';
import { planEvent } from './plan-event.ts';
import type { PlanRules } from './plan-rules.ts';

/**
 * Plans some events by what is true now, and leaves questions about addresses that are not known. Comes last in its
 * transaction: from here on the change log is locked.
 * @param actor host and instance, for the log of conferences
 * @returns whether questions were left
 */
export async function planEvents(
  transaction: Queryable,
  eventIds: readonly string[],
  rules: PlanRules,
  actor: string,
  log: Logger,
): Promise<boolean> {
  if (eventIds.length === 0) return false;
  const facts = await readEventFacts(transaction, eventIds);
  const people = new Set(facts.flatMap(({ copies }) => copies.flatMap(({ audience }) => audience)));
  const servers = rules.servers.map(({ serverId }) => serverId);
  const book = new AddressBook(await readAddressMap(transaction, servers, [...people]));
  const plans = facts.flatMap((event) => planOne(event, book, rules, log) ?? []);
  await askForAddresses(transaction, book.questions);
  await planConferences(transaction, actor, plans);
  return book.questions.length > 0;
}

/** One event that cannot be planned must not keep all others from it. */
function planOne(event: EventFacts, book: AddressBook, rules: PlanRules, log: Logger): ConferencePlan | null {
  try {
    return planEvent(event, book, rules);
  } catch (error) {
    const message = 'an event could not be planned and keeps what was planned before';
    log.error('planner.event-failed', message, { eventId: event.eventId, error });
    return null;
  }
}
