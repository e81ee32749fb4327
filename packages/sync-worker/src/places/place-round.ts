import type { CalendarDatabase } from 'calendar-db/database';
import {
  answerMailboxPlaces,
  deferPlaceQuestions,
  type MailboxPlace,
  type PlacedMailboxes,
  type PlaceQuestion,
  takePlaceQuestions,
} from 'calendar-db/sync';
import type { UserPlace } from 'ews-client';
import type { PlaceReader } from '../accounts/account-clients.ts';
import { QuestionDelays } from '../exchange/question-delays.ts';
import { type EwsAddressRule, trustedEwsUrl } from './trusted-ews-url.ts';

/** What one call of Autodiscover may name. */
const QUESTIONS_AT_ONCE = 90;
/** After which a question that a worker took and did not answer is anybody's. */
const ANSWER_SECONDS = 300;
/** Mailboxes of one grouping share streams; who moves within it is seen by refusals, not by this. */
const GOOD_FOR_SECONDS = 7 * 86_400;
const DEFER_SECONDS = 60;
const UNABLE_SECONDS = 86_400;
/** A server that has no such service, or does not let us, is asked again rarely. */
export const PLACE_DELAYS = new QuestionDelays({
  unable: ['auth', 'config', 'mailbox', 'unknown'],
  ...{ unableSeconds: UNABLE_SECONDS, deferSeconds: DEFER_SECONDS },
});

export interface PlaceRoundOptions {
  readonly database: CalendarDatabase;
  readonly provider: string;
  /** Canonical addresses of the mailboxes that may be asked about. */
  readonly users: readonly string[];
  readonly groupSize: number;
  readonly rule: EwsAddressRule;
  /** Resolves with null when nobody may be asked now. */
  readonly ask: <Result>(work: (places: PlaceReader) => Promise<Result>) => Promise<Result | null>;
  readonly signal: AbortSignal;
}

export interface PlaceRoundOutcome extends PlacedMailboxes {
  readonly hasMore: boolean;
  /** Mailboxes that are lost, and are told to be where their passwords must not go. */
  readonly untrusted: readonly string[];
  /** Why nothing was learned; null when something was, or there was no question. */
  readonly failure: unknown;
}

/**
 * Asks Autodiscover about some mailboxes: of all of them who shares machines with whom, of those that were not found where
 * they were read also where they are now. An address that works stays as it is configured, whatever Autodiscover says.
 * @throws the database's error
 */
export async function placeRound(options: PlaceRoundOptions): Promise<PlaceRoundOutcome> {
  const { database, provider, users, groupSize, signal } = options;
  const terms = { most: QUESTIONS_AT_ONCE, seconds: ANSWER_SECONDS };
  const questions = await takePlaceQuestions(database, provider, users, terms);
  const nothing = { moved: [], regrouped: 0, hasMore: false, untrusted: [], failure: null };
  if (questions.length === 0) return nothing;
  const addresses = addressesOf(questions);
  let told: UserPlace[] | null;
  try {
    told = await options.ask((places) => places.userSettings(addresses, signal));
  } catch (failure) {
    // A server that does not tell us of these does not tell of the others either, and need not be asked.
    const unasked = PLACE_DELAYS.isUnable(failure) ? users : addresses;
    await deferPlaceQuestions(database, provider, unasked, signal.aborted ? 0 : PLACE_DELAYS.after(failure));
    return { ...nothing, failure: signal.aborted ? null : failure };
  }
  if (told === null) {
    await deferPlaceQuestions(database, provider, addresses, 0);
    return nothing;
  }
  const places: MailboxPlace[] = [];
  const untrusted: string[] = [];
  for (const [index, question] of questions.entries()) {
    const place = placeOf(question, told[index], options.rule);
    if (place === undefined) untrusted.push(question.address);
    else if (place !== null) places.push(place);
  }
  const placed = await answerMailboxPlaces(database, provider, places, { groupSize, goodFor: GOOD_FOR_SECONDS });
  const answered = new Map(places.map((place) => [place.address, place]));
  const open = questions.filter(({ address }) => !answered.has(address));
  await deferPlaceQuestions(database, provider, addressesOf(open), UNABLE_SECONDS);
  // A move that goes on: where to is known when it is done.
  const moving = questions.filter(({ address, ewsUrl, lost }) => lost && answered.get(address)?.ewsUrl === ewsUrl);
  await deferPlaceQuestions(database, provider, addressesOf(moving), DEFER_SECONDS);
  return { ...placed, hasMore: questions.length === QUESTIONS_AT_ONCE, untrusted, failure: null };
}

const addressesOf = (questions: readonly PlaceQuestion[]) => questions.map(({ address }) => address);

/** Where a mailbox is now; null when that was not told, undefined when it must not be read there. */
function placeOf(
  { address, ewsUrl, lost }: PlaceQuestion,
  told: UserPlace | undefined,
  rule: EwsAddressRule,
): MailboxPlace | null | undefined {
  if (told?.found !== true) return told?.reason.startsWith('redirect') && lost ? undefined : null;
  const { grouping } = told;
  if (!lost) return { address, grouping, ewsUrl };
  const urls = [told.externalEwsUrl, told.internalEwsUrl].filter((url) => url !== null);
  const trusted = urls.map((url) => trustedEwsUrl([url], rule)).filter((url) => url !== undefined);
  if (urls.length > 0 && trusted.length === 0) return undefined;
  // Of two addresses the one where it was not found is the wrong one.
  const [other = ewsUrl] = trusted.filter((url) => url !== ewsUrl);
  return { address, grouping, ewsUrl: other };
}
