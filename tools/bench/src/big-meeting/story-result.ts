import type { Cost } from './memory-and-time.ts';
import type { UnrelatedMeeting } from './unrelated-meetings.ts';
import type { ViewerCount } from './viewer-messages.ts';

/** What came of one step of the story. */
export interface Phase {
  readonly name: 'planned' | 'started' | 'changed' | 'cancelled';
  /** Until the wish had reached the conferences of all occurrences, from the answer of Exchange; null when nothing was to be planned. */
  readonly plannedMs: number | null;
  /** Until all clients showed it, from the answer of Exchange, or from the start of the first occurrence. */
  readonly shownMs: number;
  /** How many clients showed it in the end. */
  readonly seeing: number;
  readonly unrelated: readonly UnrelatedMeeting[];
  /** Until an unrelated meeting was planned that was saved in Exchange when the change was; null when there was none. */
  readonly throughExchangeMs: number | null;
  /** Unrelated meetings that were planned before the last copy of the big one was in the database. */
  readonly overtaking: number;
  /** CPU milliseconds by worker and of Postgres. */
  readonly cpuMs: Cost['cpuMs'];
}

/** A statement of pg_stat_statements; those of functions are counted with what calls them. */
export interface Statement {
  readonly name: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly blocks: number;
}

export interface Story {
  readonly phases: readonly Phase[];
  /** From the start of the first occurrence to the arrival of the request to run its conference. */
  readonly latenessMs: number;
  /** How often the conference of the first occurrence was started. */
  readonly starts: number;
  /** Conferences of the series that TrueConf Server still held, or that still ran, in the end. */
  readonly left: number;
  readonly viewers: ViewerCount;
  readonly peakMib: Cost['peakMib'];
  readonly databaseMib: { readonly all: number; readonly events: number; readonly people: number };
  /** What Postgres was asked to do, the most expensive first. */
  readonly statements: readonly Statement[];
}
