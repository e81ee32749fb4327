import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import type { RequestOptions, TrueConfClient } from 'trueconf-client';
import type { Purpose } from '../request-budget.ts';
import type { RequestTimes } from './outcome.ts';

/** What carries out a step: everything that may be asked, and what is known. */
export interface StepTools {
  readonly serverId: string;
  /** Host of the server, with the port if it has one of its own. */
  readonly host: string;
  readonly salt: Uint8Array;
  readonly schedule: 'none' | 'once';
  readonly stopOnCancel: boolean;
  /** Unix ms by the database's clock. */
  readonly now: () => number;
  /** One request, in its turn and within the claim. @throws TrueConfError, LeaseEndingError, LeaseLostError */
  readonly request: <Result>(
    purpose: Purpose,
    call: (client: TrueConfClient, options: RequestOptions) => Promise<Result>,
  ) => Promise<Result>;
  /** When the last request was sent and answered. */
  readonly times: () => RequestTimes | undefined;
  /** How many other events live by the conference that this one holds. */
  readonly otherHolders: () => Promise<number>;
}

/**
 * Carries out one step of a conference and says how it came out. What it throws means that it is to be tried again: an
 * error that says nothing was sent leaves nothing open, any other one does.
 */
export type StepRunner = (work: ClaimedConference, tools: StepTools) => Promise<ConferenceOutcome>;
