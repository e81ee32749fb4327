import { randomInt } from 'node:crypto';
import { ApiError } from './api-error.ts';
import type { ConferenceFields, InvitationFields, NewConference } from './conference-fields.ts';
import type { Transition } from './journal.ts';

type Cause = 'api' | 'schedule' | 'control' | 'autoTermination';

interface StateChange {
  atMs: number;
  to: 'running' | 'stopped';
  cause: Cause;
  /** Journal number of the request; null when no request caused it. */
  seq: number | null;
}

export interface Ring {
  atMs: number;
  /** Full TrueConf id. */
  to: string;
  by: 'auto_invite' | 'invite';
  seq: number | null;
}

/** One conference from creation to deletion; a new one under the same id is a new record. */
export interface ConferenceRecord {
  cid: string;
  fields: ConferenceFields;
  invitations: InvitationFields[];
  state: 'running' | 'stopped';
  sessionId: string;
  createdAtMs: number;
  createdBy: Cause;
  deletedAtMs: number | null;
  stateChanges: StateChange[];
  rings: Ring[];
  participants: { callId: string; joinedAtMs: number }[];
}

/** Who asks, and where the effects are noted. */
export interface Act {
  cause: Cause;
  seq: number | null;
  note(transition: Transition): void;
}

const longestTimerMs = 2 ** 31 - 1;

/** Conferences of the simulated server, deleted ones included, with their timers. */
export class ConferenceStore {
  readonly #now: () => number;
  readonly #serverId: string;
  readonly #fullId: (id: string) => string;
  #live = new Map<string, ConferenceRecord>();
  #all: ConferenceRecord[] = [];
  #timers = new Map<string, NodeJS.Timeout>();
  #sessions = 0;

  constructor(serverId: string, now: () => number, fullId: (id: string) => string) {
    this.#serverId = serverId;
    this.#now = now;
    this.#fullId = fullId;
  }

  /** Every record ever made since the last reset, oldest first. */
  get records(): readonly ConferenceRecord[] {
    return this.#all;
  }

  live(): ConferenceRecord[] {
    return [...this.#live.values()];
  }

  find(cid: string): ConferenceRecord | undefined {
    return this.#live.get(cid);
  }

  require(cid: string): ConferenceRecord {
    const found = this.#live.get(cid);
    if (found) return found;
    throw new ApiError(404, 'conferenceNotFound', `No conference ${cid}`, { type: 'path', name: 'conference_id' });
  }

  create(input: NewConference, act: Act): ConferenceRecord {
    const { id, invitations, ...fields } = input;
    if (id !== undefined && this.#live.has(id)) {
      throw new ApiError(400, 'uniqueValueAlreadyInUse', 'The id is taken', { type: 'body', name: 'id' });
    }
    const record: ConferenceRecord = {
      cid: id ?? this.#generateId(),
      fields,
      invitations,
      state: 'stopped',
      sessionId: '',
      createdAtMs: this.#now(),
      createdBy: act.cause,
      deletedAtMs: null,
      stateChanges: [],
      rings: [],
      participants: [],
    };
    this.#live.set(record.cid, record);
    this.#all.push(record);
    act.note('created');
    this.#plan(record);
    return record;
  }

  update(record: ConferenceRecord, patch: Partial<ConferenceFields>, act: Act): void {
    record.fields = { ...record.fields, ...patch };
    act.note('updated');
    if (patch.schedule) this.#plan(record);
  }

  delete(record: ConferenceRecord, act: Act): void {
    if (record.state === 'running') this.stop(record, act);
    this.#clearTimer(record);
    this.#live.delete(record.cid);
    record.deletedAtMs = this.#now();
    act.note('deleted');
  }

  run(record: ConferenceRecord, act: Act): void {
    if (record.state === 'running') {
      throw new ApiError(400, 'conferenceAlreadyRunning', 'The conference is running');
    }
    this.#sessions += 1;
    record.state = 'running';
    record.sessionId = `${this.#sessions.toString(16).padStart(8, '0')}@${this.#serverId}#vcs`;
    record.stateChanges.push({ atMs: this.#now(), to: 'running', cause: act.cause, seq: act.seq });
    act.note('started');
    if (record.fields.auto_invite === 1)
      this.#ring(
        record,
        record.invitations.map(({ id }) => id),
        'auto_invite',
        act,
      );
    this.#planTermination(record);
  }

  stop(record: ConferenceRecord, act: Act): void {
    this.#requireRunning(record);
    record.state = 'stopped';
    record.sessionId = '';
    record.participants = [];
    record.stateChanges.push({ atMs: this.#now(), to: 'stopped', cause: act.cause, seq: act.seq });
    act.note('stopped');
  }

  invite(record: ConferenceRecord, ids: string[], act: Act): void {
    this.#requireRunning(record);
    this.#ring(record, ids, 'invite', act);
  }

  join(record: ConferenceRecord, ids: string[]): void {
    this.#requireRunning(record);
    record.participants.push(...ids.map((id) => ({ callId: this.#fullId(id), joinedAtMs: this.#now() })));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#live.clear();
    this.#all = [];
  }

  #requireRunning(record: ConferenceRecord): void {
    if (record.state !== 'running') throw new ApiError(400, 'conferenceNotRunning', 'The conference is not running');
  }

  #ring(record: ConferenceRecord, ids: string[], by: Ring['by'], act: Act): void {
    const atMs = this.#now();
    record.rings.push(...ids.map((id) => ({ atMs, to: this.#fullId(id), by, seq: act.seq })));
    if (ids.length > 0) act.note('rang');
  }

  /** Scheduled `once` conferences start by themselves; those whose time has passed do not. */
  #plan(record: ConferenceRecord): void {
    this.#clearTimer(record);
    const { type, start_time: start } = record.fields.schedule;
    if (type !== 'once' || start === undefined || start * 1000 <= this.#now()) return;
    this.#at(record, start * 1000, () => {
      if (record.state === 'stopped') this.run(record, systemAct('schedule'));
    });
  }

  #planTermination(record: ConferenceRecord): void {
    const { duration } = record.fields.schedule;
    if (!record.fields.auto_termination_enabled || duration === undefined) return;
    this.#at(record, this.#now() + duration * 1000, () => {
      if (record.state === 'running') this.stop(record, systemAct('autoTermination'));
    });
  }

  #at(record: ConferenceRecord, timeMs: number, act: () => void): void {
    this.#clearTimer(record);
    const wait = timeMs - this.#now();
    // Timers may fire a little early and know no more than 24 days: whoever wakes too soon sleeps again.
    if (wait <= 0) act();
    else {
      const wake = () => this.#at(record, timeMs, act);
      this.#timers.set(record.cid, setTimeout(wake, Math.min(Math.ceil(wait), longestTimerMs)).unref());
    }
  }

  #clearTimer(record: ConferenceRecord): void {
    clearTimeout(this.#timers.get(record.cid));
    this.#timers.delete(record.cid);
  }

  #generateId(): string {
    for (;;) {
      const id = String(randomInt(1_000_000_000, 9_999_999_999));
      if (!this.#live.has(id)) return id;
    }
  }
}

function systemAct(cause: Cause): Act {
  return { cause, seq: null, note: () => undefined };
}
