import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  read: defineQuery('address-map/read', {
    params: ['text[]', 'text[]'],
    row: { serverId: 'text', address: 'text', trueconfId: 'text?', known: 'boolean' },
  }),
  ask: defineQuery('address-map/ask', { params: ['text[]', 'text[]'] }),
  takeQuestions: defineQuery('address-map/take-questions', {
    params: ['text', 'integer', 'double precision', 'double precision', 'double precision'],
    row: { address: 'text' },
  }),
  answer: defineQuery('address-map/answer', { params: ['text', 'text[]', 'text?[]', 'text[]'] }),
  defer: defineQuery('address-map/defer', { params: ['text', 'text[]', 'double precision'] }),
  readUnplanned: defineQuery('address-map/read-unplanned', {
    params: ['integer'],
    row: { serverId: 'text', address: 'text', checkedAt: 'text' },
  }),
  markPlanned: defineQuery('address-map/mark-planned', { params: ['text[]', 'text[]', 'text[]'] }),
};

/** An address on one server. */
export interface AddressQuestion {
  readonly serverId: string;
  /** Canonical. */
  readonly address: string;
}

export interface AddressMapping extends AddressQuestion {
  /** null: the server knows nobody by it, or was not asked yet. */
  readonly trueconfId: string | null;
  /** The server was asked. */
  readonly known: boolean;
}

/** What a server said about an address. */
export interface AddressAnswer {
  readonly address: string;
  /** null: it knows nobody, or nobody for sure. */
  readonly trueconfId: string | null;
  /** How it was found, such as `email`. */
  readonly source: string;
}

/** An answer whose events are still to be planned by it. */
export interface UnplannedAnswer extends AddressQuestion {
  readonly checkedAt: string;
}

/** How long somebody else's question is left alone, and answers are good for. */
interface QuestionTerms {
  readonly answerWithinSeconds: number;
  readonly hitHours: number;
  readonly missHours: number;
}

/** What is known of these addresses on these servers; nothing for what was never asked. */
export async function readAddressMap(
  db: Queryable,
  serverIds: readonly string[],
  addresses: readonly string[],
): Promise<AddressMapping[]> {
  return (await db.query(sql.read, [serverIds, addresses])).rows;
}

/** Leaves questions for whoever can ask the servers; known addresses are left alone. */
export async function askForAddresses(db: Queryable, questions: readonly AddressQuestion[]): Promise<void> {
  if (questions.length === 0) return;
  await db.query(sql.ask, [questions.map((q) => q.serverId), questions.map((q) => q.address)]);
}

/** Takes open questions and outdated answers of one server, new ones first; others leave these alone for a while. */
export async function takeAddressQuestions(
  db: Queryable,
  serverId: string,
  most: number,
  terms: QuestionTerms,
): Promise<string[]> {
  const values = [serverId, most, terms.answerWithinSeconds, terms.hitHours, terms.missHours] as const;
  return (await db.query(sql.takeQuestions, values)).rows.map((row) => row.address);
}

/** Writes what a server said, all together, and wakes the planners when some of it is news. */
export async function answerAddresses(
  db: Queryable,
  serverId: string,
  answers: readonly AddressAnswer[],
): Promise<void> {
  if (answers.length === 0) return;
  await db.query(sql.answer, [
    serverId,
    answers.map(({ address }) => address),
    answers.map(({ trueconfId }) => trueconfId),
    answers.map(({ source }) => source),
  ]);
}

/** Puts questions off after the server could not be asked. */
export async function deferAddressQuestions(
  db: Queryable,
  serverId: string,
  addresses: readonly string[],
  delayMs: number,
): Promise<void> {
  await db.query(sql.defer, [serverId, addresses, delayMs]);
}

/** Answers that are not yet in the plans of the events that they touch. */
export async function readUnplannedAnswers(db: Queryable, most: number): Promise<UnplannedAnswer[]> {
  return (await db.query(sql.readUnplanned, [most])).rows;
}

/** Says that everything touched by these answers was planned; one that has changed meanwhile stays open. */
export async function markAnswersPlanned(db: Queryable, answers: readonly UnplannedAnswer[]): Promise<void> {
  await db.query(sql.markPlanned, [
    answers.map((a) => a.serverId),
    answers.map((a) => a.address),
    answers.map((a) => a.checkedAt),
  ]);
}
