import { nullable, oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  ask: defineQuery('directory/ask', { params: ['text', 'text[]'] }),
  askForMailboxes: defineQuery('directory/ask-for-mailboxes', { params: ['text'] }),
  takeQuestions: defineQuery('directory/take-questions', {
    params: [
      'text',
      'integer',
      'double precision',
      'double precision',
      'double precision',
      'double precision',
      'double precision',
    ],
    row: { address: 'text', named: 'boolean' },
  }),
  answer: defineQuery('directory/answer', { params: ['text', 'jsonb', 'text[]', 'integer'], row: { list: 'text' } }),
  defer: defineQuery('directory/defer', { params: ['text', 'text[]', 'double precision'] }),
  nameWaiting: defineQuery('directory/name-waiting', { params: ['integer'], row: { more: 'boolean' } }),
  forget: defineQuery('directory/forget', { params: ['text', 'text[]'] }),
  readRooms: defineQuery('directory/read-rooms', { params: ['text'], row: { address: 'text' } }),
  readAskers: defineQuery('directory/read-askers', { params: ['text', 'text[]', 'integer'], row: { address: 'text' } }),
  figures: defineQuery('directory/figures', {
    params: ['text'],
    row: {
      kind: nullable(oneOf('person', 'list', 'rooms', 'unknown', 'ambiguous')),
      entries: 'integer',
      tooLarge: 'integer',
    },
  }),
};

/** Stands for the question which rooms there are. */
export const ALL_ROOMS = 'rooms:';

/** `ambiguous`: several are meant, so nobody is. */
type DirectoryKind = 'person' | 'list' | 'rooms' | 'unknown' | 'ambiguous';

/** So many copies are derived anew at a time: naming a list of 500, they hold the lock of the log some tenths of a second. */
const COPIES_AT_ONCE = 10;

/** What a calendar server said about an address, a legacy name or a display name. */
export interface DirectoryAnswer {
  /** As it was asked. */
  readonly address: string;
  readonly kind: DirectoryKind;
  /** Canonical primary SMTP address of a person or list; null for what is unknown. */
  readonly person: string | null;
  /** One level of a list that was asked by its primary address, or all rooms: canonical addresses or legacy names. */
  readonly members: readonly string[];
}

interface DirectoryQuestion {
  readonly address: string;
  /** False: nothing names it any more, the answer that is known can be forgotten. */
  readonly named: boolean;
}

/** For how many seconds a question is left to who took it, and answers are good. */
export interface DirectoryTerms {
  readonly answerWithin: number;
  readonly person: number;
  readonly list: number;
  readonly rooms: number;
  /** Answers that know nothing. */
  readonly miss: number;
}

/**
 * Leaves questions about addresses for whoever can ask the provider; what is known or asked already is left alone.
 * @returns how many questions there are that were not there before
 */
export async function askDirectory(db: Queryable, provider: string, addresses: readonly string[]): Promise<number> {
  if (addresses.length === 0) return 0;
  return (await db.query(sql.ask, [provider, addresses])).rowCount ?? 0;
}

/** Leaves questions about all mailboxes of a provider, and about its rooms. */
export async function askForMailboxes(db: Queryable, provider: string): Promise<void> {
  await db.query(sql.askForMailboxes, [provider]);
}

/** Takes open questions and outdated answers, new ones first; other workers leave these alone for `answerWithin`. */
export async function takeDirectoryQuestions(
  db: Queryable,
  provider: string,
  most: number,
  { answerWithin, person, list, rooms, miss }: DirectoryTerms,
): Promise<DirectoryQuestion[]> {
  const values = [provider, most, answerWithin, person, list, rooms, miss] as const;
  return (await db.query(sql.takeQuestions, values)).rows;
}

interface DirectoryAnswers {
  readonly answers: readonly DirectoryAnswer[];
  /** What these answers name and is to be asked in turn. */
  readonly questions: readonly string[];
  /** A list that has more members with all its lists stays a list. */
  readonly mostMembers: number;
}

/**
 * Writes answers. Events that name these people follow with `nameWaitingCopies`.
 * @returns lists that have become too large with it
 */
export async function answerDirectory(
  db: Queryable,
  provider: string,
  { answers, questions, mostMembers }: DirectoryAnswers,
): Promise<string[]> {
  if (answers.length === 0) return [];
  const values = [provider, JSON.stringify(answers), questions, mostMembers] as const;
  return (await db.query(sql.answer, values)).rows.map(({ list }) => list);
}

/**
 * Derives the next few copies anew that answers of any provider concern.
 * @returns whether there may be more
 */
export async function nameWaitingCopies(db: Queryable): Promise<boolean> {
  return (await db.query(sql.nameWaiting, [COPIES_AT_ONCE])).rows[0]?.more ?? false;
}

/** Puts questions off after the provider could not be asked. */
export async function deferDirectoryQuestions(
  db: Queryable,
  provider: string,
  addresses: readonly string[],
  seconds: number,
): Promise<void> {
  if (addresses.length > 0) await db.query(sql.defer, [provider, addresses, seconds]);
}

/** Forgets answers about what nothing names any more. */
export async function forgetDirectory(db: Queryable, provider: string, addresses: readonly string[]): Promise<void> {
  if (addresses.length > 0) await db.query(sql.forget, [provider, addresses]);
}

/** Canonical addresses of the rooms that a provider tells. */
export async function readRooms(db: Queryable, provider: string): Promise<Set<string>> {
  const { rows } = await db.query(sql.readRooms, [provider]);
  return new Set(rows.map(({ address }) => address));
}

/** Some of the listed mailboxes that could be opened lately, for questions that any of them can ask. */
export async function readDirectoryAskers(
  db: Queryable,
  provider: string,
  listed: readonly string[],
  most: number,
): Promise<string[]> {
  const { rows } = await db.query(sql.readAskers, [provider, listed, most]);
  return rows.map(({ address }) => address);
}

/** What is known of a provider's directory; `kind` null: not answered yet. */
export interface DirectoryFigures {
  readonly kind: DirectoryKind | null;
  readonly entries: number;
  readonly tooLarge: number;
}

export async function readDirectoryFigures(db: Queryable, provider: string): Promise<DirectoryFigures[]> {
  return (await db.query(sql.figures, [provider])).rows;
}
