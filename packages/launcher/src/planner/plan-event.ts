import type { ConferencePlan, EventFacts, Invitee, OtherCopy, SpeakingCopy } from 'calendar-db/conferences';
import { cleanUid, isPrivate, type Refusal, type Restriction } from 'calendar-model';
import type { AddressBook } from './address-book.ts';
import { EventTimesError, EventTooLargeError } from './event-errors.ts';
import { type LinkFound, linkedConference } from './linked-conference.ts';
import { organizerOf, type Participant, participantsOf } from './participants.ts';
import type { PlanRules, PlanServer } from './plan-rules.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const LONGEST_TOPIC = 240;
/** Times of a plan are written with years of four digits. */
const EARLIEST_MS = Date.UTC(1000, 0);
const LATEST_MS = Date.UTC(10_000, 0) - 2 * MINUTE;

type Decision =
  | { readonly wanted: 'none'; readonly reason: Refusal }
  | { readonly wanted: 'link'; readonly link: LinkFound & { kind: 'conference' }; readonly owner: string | null }
  | { readonly wanted: 'own'; readonly server: PlanServer; readonly owner: string; readonly invitees: Invitee[] };
type Decided = Decision & { readonly restriction?: Restriction };

/**
 * What is wanted in TrueConf for one event. Pure: all it needs is given, and what it misses is left as questions in
 * `book`.
 *
 * @returns null when nothing is known of the event and nothing was ever planned for it; or when something was planned, and
 * the copy that speaks now came without the details to plan by
 * @throws EventTooLargeError when its copies were not read
 * @throws EventTimesError when its times cannot be planned
 */
export function planEvent(facts: EventFacts, book: AddressBook, rules: PlanRules): ConferencePlan | null {
  const { eventId, speaking, plannedStart, plannedEnd } = facts;
  if (facts.isOversized) throw new EventTooLargeError(facts.bytes);
  if (speaking === null) {
    if (plannedStart === null || plannedEnd === null) return null;
    const times = { startMs: plannedStart.getTime(), endMs: plannedEnd.getTime() };
    return planned(eventId, times, no('event-gone'), rules);
  }
  if (!areTimes(speaking)) throw new EventTimesError();
  // Who takes part is not known, and whoever planned the conference knew it.
  const isPlanned = facts.plannedWish === 'own' || facts.plannedWish === 'link';
  if (isPlanned && speaking.details === 'missing' && exclusion(speaking, rules) === null) return null;
  return planned(eventId, speaking, decide(facts.others, speaking, book, rules), rules, speaking);
}

/** Whether both are moments that can be written as a plan has them. */
function areTimes({ startMs, endMs }: SpeakingCopy): boolean {
  return [startMs, endMs].every((ms) => ms >= EARLIEST_MS && ms <= LATEST_MS);
}

function decide(others: readonly OtherCopy[], speaking: SpeakingCopy, book: AddressBook, rules: PlanRules): Decided {
  const excluded = exclusion(speaking, rules);
  if (excluded !== null) return no(excluded);
  if (speaking.details === 'missing') return no('details-missing');
  const participants = participantsOf(speaking, others);
  const people = participants.filter(({ isResource }) => !isResource);
  const guests = people.filter(({ isOrganizer }) => !isOrganizer);
  const link = linkedConference(speaking, rules);
  if (guests.length > 0 && guests.every(({ hasDeclined }) => hasDeclined)) return no('declined-by-all');
  if (link.kind === 'conference') return linked(link, participants, book);
  if (link.kind !== 'none') return no(link.kind);
  if (rules.conferences.match === 'links') return no('no-link');
  if (!speaking.isMeeting || guests.length === 0) return no('not-a-meeting');
  if (people.length < rules.conferences.minimumPeople) return no('too-few-people');
  return own(participants, organizerOf(speaking), book, rules);
}

/** What rules an event out whoever takes part. */
function exclusion(copy: SpeakingCopy, rules: PlanRules): Refusal | null {
  // A guest's tombstone says only that this guest declined; what else it held goes on speaking.
  if (copy.gone && copy.isOrganizerCopy) return 'event-deleted';
  if (copy.isCancelled) return 'cancelled';
  if (copy.isDuplicate) return 'duplicate-uid';
  if (copy.allDay) return 'all-day';
  if (isPrivate(copy.sensitivity) && !rules.storePrivate) return 'private';
  if (rules.launchingSinceMs !== null && copy.startMs < rules.launchingSinceMs) return 'before-activation';
  return null;
}

/** Somebody's conference is run only for its owner: who that should be is the organizer's ID on that server. */
function linked(
  link: LinkFound & { kind: 'conference' },
  participants: readonly Participant[],
  book: AddressBook,
): Decided {
  const organizer = participants.find(({ isOrganizer }) => isOrganizer);
  const owner = organizer ? book.lookUp(link.server, organizer.names) : 'nobody';
  if (owner === 'unknown') return { wanted: 'link', link, owner: null, restriction: 'link-organizer-pending' };
  if (owner === 'nobody') return { wanted: 'link', link, owner: null, restriction: 'link-organizer-unknown' };
  return { wanted: 'link', link, owner: owner.found };
}

function own(participants: readonly Participant[], organizer: string, book: AddressBook, rules: PlanRules): Decided {
  if (rules.servers.length === 0) return no(rules.whitelist.length === 0 ? 'no-server' : 'server-not-configured');
  const chosen = chooseOwner(participants, organizer, book, rules);
  if (chosen === 'mapping-pending') {
    // Whoever else will have to be known is asked about at the same time, so that all comes at once.
    for (const { names, isResource } of participants) {
      if (!isResource) for (const server of rules.servers) book.lookUp(server, names);
    }
  }
  if (typeof chosen === 'string') return no(chosen);
  const { server, owner } = chosen;
  const invited = participants.filter(({ hasDeclined }) => !hasDeclined);
  const ids = new Map<string, Invitee>();
  for (const { person, names, isResource } of invited) {
    const explicit = isResource ? book.explicit(server, names) : null;
    const found = isResource ? (explicit === null ? 'nobody' : { found: explicit }) : book.lookUp(server, names);
    if (typeof found === 'object') ids.set(found.found, { id: found.found, address: person });
  }
  const invitees = [...ids.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { wanted: 'own', server, owner, invitees };
}

/** The organizer on his server; else the first participant of ours who is known; else the configured owner. */
function chooseOwner(
  participants: readonly Participant[],
  organizer: string,
  book: AddressBook,
  rules: PlanRules,
): { server: PlanServer; owner: string } | Refusal {
  const candidates = participants.filter(({ isResource, hasDeclined }) => !isResource && !hasDeclined);
  const byOrganizer = firstKnown(
    candidates.filter(({ isOrganizer }) => isOrganizer),
    book,
    rules,
  );
  if (byOrganizer !== null) return byOrganizer;
  if (!rules.users.has(organizer) && !rules.conferences.externalOrganizers) return 'external-organizer';
  const ours = candidates.filter(({ isOrganizer, names }) => !isOrganizer && names.some((n) => rules.users.has(n)));
  return firstKnown(ours, book, rules) ?? defaultOwner(rules) ?? 'no-owner';
}

/** The first of these people with a TrueConf ID; one who is not known yet is waited for. */
function firstKnown(
  people: readonly Participant[],
  book: AddressBook,
  rules: PlanRules,
): { server: PlanServer; owner: string } | 'mapping-pending' | null {
  for (const { names } of people) {
    const answers = rules.servers.map((server) => ({ server, answer: book.lookUp(server, names) }));
    for (const { server, answer } of answers) {
      if (answer === 'unknown') return 'mapping-pending';
      if (answer !== 'nobody') return { server, owner: answer.found };
    }
  }
  return null;
}

/** `id@server` names its server, a bare id means the first one. */
function defaultOwner({ conferences, servers }: PlanRules): { server: PlanServer; owner: string } | null {
  const owner = conferences.defaultOwner;
  if (owner === undefined) return null;
  const domain = owner.split('@')[1]?.toLowerCase();
  const server = servers.find(({ serverId }) => serverId === domain) ?? servers[0];
  return server ? { server, owner } : null;
}

function no(reason: Refusal): Decided {
  return { wanted: 'none', reason };
}

function planned(
  eventId: string,
  times: { readonly startMs: number; readonly endMs: number },
  decided: Decided,
  rules: PlanRules,
  copy?: SpeakingCopy,
): ConferencePlan {
  const { conferences } = rules;
  const { startMs, endMs } = times;
  const restriction = decided.wanted === 'none' ? null : restrictionOf(decided, rules);
  const isDry = conferences.dryRun;
  const isSeries = conferences.perSeries && copy !== undefined && copy.kind !== 'single' && copy.uid !== null;
  return {
    eventId,
    wanted: decided.wanted,
    reason: decided.wanted === 'none' ? decided.reason : restriction,
    serverId:
      decided.wanted === 'own'
        ? decided.server.serverId
        : decided.wanted === 'link'
          ? decided.link.server.serverId
          : null,
    ownerId: decided.wanted === 'none' ? null : decided.owner,
    topic: decided.wanted === 'own' && copy ? topicOf(copy, rules) : null,
    description: decided.wanted === 'own' && copy ? descriptionOf(copy) : null,
    invitees: decided.wanted === 'own' ? decided.invitees : [],
    autoInvite: decided.wanted === 'own' ? !rules.temporalConfParticipantsMode : true,
    seriesKey: decided.wanted === 'own' && isSeries ? cleanUid(copy?.uid ?? '') : null,
    linkCid: decided.wanted === 'link' ? decided.link.cid : null,
    linkUrl: decided.wanted === 'link' ? decided.link.url : null,
    runs: decided.wanted !== 'none' && restriction === null,
    startMs,
    endMs,
    createMs: isDry ? Number.POSITIVE_INFINITY : startMs - conferences.createAhead * HOUR,
    openMs: startMs - conferences.openBefore * MINUTE,
    // Even with no grace at all there must be a moment in which a start can happen.
    giveUpMs: Math.max(Math.min(endMs, startMs + conferences.grace * MINUTE), startMs + MINUTE),
  };
}

function restrictionOf(decided: Decided, rules: PlanRules): Restriction | null {
  if (rules.conferences.dryRun) return 'dry-run';
  if (!rules.launchConference) return 'launch-off';
  return decided.restriction ?? null;
}

/** TrueConf Server wants 1 to 240 characters; a private event's subject is nobody's business. */
function topicOf(copy: SpeakingCopy, rules: PlanRules): string {
  if (isPrivate(copy.sensitivity)) return rules.privateTopic;
  const subject = copy.subject
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return [...subject].slice(0, LONGEST_TOPIC).join('').trim() || 'Meeting';
}

/** Empty rather than absent, so that a text that was public once is taken back. */
function descriptionOf(copy: SpeakingCopy): string {
  return isPrivate(copy.sensitivity) ? '' : copy.preview.toWellFormed().trim();
}
