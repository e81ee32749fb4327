import {
  type AddressQuestion,
  type ConferencePlan,
  type EventFacts,
  type FactsLimits,
  readAddressMap,
  readEventFacts,
} from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import { AddressBook } from './address-book.ts';
import type { FailedEvent } from './batch-size.ts';
import { planEvent } from './plan-event.ts';
import type { PlanRules } from './plan-rules.ts';

/** A meeting of 1,500 people, all with copies, takes 40 % of a batch; what has 64 MB is no meeting. */
export const FACTS_LIMITS: FactsLimits = { batchBytes: 1_048_576, eventBytes: 67_108_864 };

/** What is wanted for some events. */
export interface DecidedEvents {
  /** How many of the events given this is about: the first ones. */
  readonly count: number;
  readonly plans: readonly ConferencePlan[];
  /** About addresses that are not known. */
  readonly questions: readonly AddressQuestion[];
  /** Events by which the planner's own code failed. */
  readonly failed: readonly FailedEvent[];
}

/** Decides what is wanted for some events by what is true now; for as many of them as `limits` allow, and one at least. */
export async function decideEvents(
  transaction: Queryable,
  eventIds: readonly string[],
  rules: PlanRules,
  limits: FactsLimits,
): Promise<DecidedEvents> {
  if (eventIds.length === 0) return { count: 0, plans: [], questions: [], failed: [] };
  const facts = await readEventFacts(transaction, eventIds, limits);
  const people = new Set(facts.flatMap(({ speaking }) => speaking?.audience ?? []));
  const servers = rules.servers.map(({ serverId }) => serverId);
  const book = new AddressBook(await readAddressMap(transaction, servers, [...people]));
  const plans: ConferencePlan[] = [];
  const failed: FailedEvent[] = [];
  for (const event of facts) {
    const plan = planOne(event, book, rules);
    if (plan !== null && 'error' in plan) failed.push(plan);
    else if (plan !== null) plans.push(plan);
  }
  return { count: facts.length, plans, questions: book.questions, failed };
}

/** One event that cannot be planned must not keep all others from it. */
function planOne(event: EventFacts, book: AddressBook, rules: PlanRules): ConferencePlan | FailedEvent | null {
  try {
    return planEvent(event, book, rules);
  } catch (error) {
    return { eventId: event.eventId, error };
  }
}
