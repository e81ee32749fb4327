import type { CalendarDatabase } from 'calendar-db/database';
import {
  answerDirectory,
  askDirectory,
  type DirectoryTerms,
  deferDirectoryQuestions,
  forgetDirectory,
  readDirectoryAskers,
  takeDirectoryQuestions,
} from 'calendar-db/directory';
import { EwsError } from 'ews-client';
import type { EwsAccounts } from '../exchange/ews-provider.ts';
import { QuestionDelays } from '../exchange/question-delays.ts';
import { type Asked, askExchange, type Call } from './ask-exchange.ts';

/** Few, so that a worker that stops or dies leaves little to be asked again. */
const QUESTIONS_AT_ONCE = 20;
/** Mailboxes in whose name is asked, until one of them may. */
const MOST_ASKERS = 3;
/** No mailbox works yet, as when the first ones are being read. */
const NOBODY_ASKS_SECONDS = 2;
/** What an administrator must settle, or a server that has no such operation, is tried again rarely. */
export const DIRECTORY_DELAYS = new QuestionDelays({
  ...{ unable: ['config', 'unknown'], unableScope: 'mailbox' },
  ...{ unableSeconds: 600, deferSeconds: 30 },
});

const HOUR = 3600;
const DIRECTORY_TERMS: DirectoryTerms = {
  answerWithin: 300,
  person: 7 * 24 * HOUR,
  list: HOUR,
  rooms: 24 * HOUR,
  miss: HOUR,
};

export interface RoundOptions {
  readonly database: CalendarDatabase;
  readonly provider: string;
  readonly accounts: EwsAccounts;
  /** Canonical addresses of the mailboxes in whose name may be asked. */
  readonly users: readonly string[];
  readonly mostMembers: number;
  readonly signal: AbortSignal;
}

export interface RoundOutcome {
  /** Questions that were taken; fewer than there is room for: no more wait. */
  readonly taken: number;
  readonly hasMore: boolean;
  readonly answers: readonly Asked[];
  /** Lists that have become too large. */
  readonly tooLarge: readonly string[];
  /** Why the rest was put off. */
  readonly failure: unknown;
}

/**
 * Answers some open questions about one provider's people, one after the other: the calendars' own calls go before. What
 * cannot be asked now is put off; nothing of it is lost.
 * @throws the database's error
 */
export async function directoryRound(options: RoundOptions): Promise<RoundOutcome> {
  const { database, provider, mostMembers, signal } = options;
  const questions = await takeDirectoryQuestions(database, provider, QUESTIONS_AT_ONCE, DIRECTORY_TERMS);
  const forgotten = questions.filter(({ named }) => !named).map(({ address }) => address);
  await forgetDirectory(database, provider, forgotten);
  const open = questions.filter(({ named }) => named).map(({ address }) => address);
  const answers: Asked[] = [];
  let failure: unknown = null;
  try {
    const call = open.length === 0 ? undefined : await askerOf(options);
    if (call !== undefined) for (const address of open) answers.push(await askExchange(call, address, mostMembers));
  } catch (error) {
    failure = error;
  }
  const tooLarge = await write(options, answers);
  const left = open.slice(answers.length);
  const seconds = failure === null ? NOBODY_ASKS_SECONDS : DIRECTORY_DELAYS.after(failure);
  await deferDirectoryQuestions(database, provider, left, signal.aborted ? 0 : seconds);
  const hasMore = failure === null && left.length === 0 && questions.length === QUESTIONS_AT_ONCE;
  return { taken: questions.length, hasMore, answers, tooLarge, failure: signal.aborted ? null : failure };
}

async function write({ database, provider, mostMembers }: RoundOptions, asked: readonly Asked[]): Promise<string[]> {
  // Who was asked himself is not told of besides: one answer for each address.
  const own = new Map(asked.map(({ answer }) => [answer.address, answer]));
  const besides = new Map(asked.flatMap((one) => one.besides).map((answer) => [answer.address, answer]));
  const answers = new Map([...besides, ...own]);
  await askDirectory(database, provider, [...besides.keys()]);
  const questions = asked.flatMap((one) => one.questions);
  return answerDirectory(database, provider, { answers: [...answers.values()], questions, mostMembers });
}

/** Calls in the name of some mailbox that works; one that Exchange does not let us open gives way to the next. */
async function askerOf({ database, provider, accounts, users, signal }: RoundOptions): Promise<Call | undefined> {
  const askers = await readDirectoryAskers(database, provider, users, MOST_ASKERS);
  if (askers.length === 0) return undefined;
  let turn = 0;
  return async (work) => {
    for (;;) {
      const mailbox = askers[turn] ?? '';
      try {
        return await accounts.call(mailbox, signal, (reader) => work(reader, mailbox));
      } catch (error) {
        const isDenied = error instanceof EwsError && error.errorClass === 'mailbox';
        if (!isDenied || turn + 1 === askers.length) throw error;
        turn++;
      }
    }
  };
}
