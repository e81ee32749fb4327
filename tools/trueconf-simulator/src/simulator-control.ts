import { ApiError } from './api-error.ts';
import { parseNewConference } from './conference-fields.ts';
import type { Act, ConferenceRecord } from './conference-store.ts';
import { type Fault, type FaultInput, type Faults, faultInput } from './faults.ts';
import type { Journal, JournalEntry, JournalFilter } from './journal.ts';
import type { ServerState, Settings } from './server-state.ts';
import type { OAuthApp, SimulatedUser } from './simulator-options.ts';

/** A conference as it really is: its record, with its fields beside it and what tests count. */
export type TrueConference = Omit<ConferenceRecord, 'fields'> &
  ConferenceRecord['fields'] & {
    /** How often it went from stopped to running. */
    readonly starts: number;
  };

export interface ControlledParts {
  readonly state: ServerState;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly routeNames: readonly string[];
  readonly isOnline: () => boolean;
  /** Stops listening and cuts every connection, or listens on the same port again. */
  readonly setOnline: (online: boolean) => Promise<void>;
}

export type SettingsChange = { [Name in keyof Settings]?: Settings[Name] | undefined } & {
  readonly tokenLifetimeSeconds?: number | undefined;
};

const controlAct: Act = { cause: 'control', seq: null, note: () => undefined };

/**
 * What tests do to a simulated server besides calling its REST API: look at the truth, act as other people, plan faults.
 * The control API offers the same over HTTP.
 */
export class SimulatorControl {
  readonly #parts: ControlledParts;

  constructor(parts: ControlledParts) {
    this.#parts = parts;
  }

  users(): SimulatedUser[] {
    return this.#parts.state.users.all();
  }

  /** Adds a user, or replaces the one with the same id. */
  putUser(user: SimulatedUser): void {
    this.#parts.state.users.put(user);
  }

  /** @returns whether there was such a user. */
  removeUser(id: string): boolean {
    return this.#parts.state.users.remove(id);
  }

  putApp(app: OAuthApp): void {
    this.#parts.state.apps.set(app.clientId, app);
  }

  /** @returns how many access tokens were revoked. */
  revokeTokens(): number {
    return this.#parts.state.tokens.revokeAll();
  }

  /** Every conference since the start, deleted ones included, oldest first. */
  conferences(): TrueConference[] {
    return this.#parts.state.conferences.records.map(truth);
  }

  /**
   * Makes a conference as its owner would.
   *
   * @param input the body of `POST /conferences`
   * @throws ApiError when a field is bad, the id is taken or the owner is unknown
   */
  createConference(input: unknown): TrueConference {
    const conference = parseNewConference(input);
    this.#parts.state.users.require(conference.owner);
    return truth(this.#parts.state.conferences.create(conference, controlAct));
  }

  /** @throws ApiError when there is no such conference, as the next ones do. */
  deleteConference(cid: string): void {
    this.#parts.state.conferences.delete(this.#conference(cid), controlAct);
  }

  /** @throws ApiError also when it is running. */
  runConference(cid: string): void {
    this.#parts.state.conferences.run(this.#conference(cid), controlAct);
  }

  /** @throws ApiError also when it is not running. */
  stopConference(cid: string): void {
    this.#parts.state.conferences.stop(this.#conference(cid), controlAct);
  }

  /** Lets people take part in a running conference. */
  joinConference(cid: string, ids: string[]): void {
    this.#parts.state.conferences.join(this.#conference(cid), ids);
  }

  /**
   * Plans a fault; README.md explains the fields.
   *
   * @returns the fault, with its id and how many requests met it so far
   * @throws ZodError when a field is bad, ApiError when there is no such route
   */
  addFault(input: Partial<FaultInput>): Fault {
    const planned = faultInput.parse(input);
    const names = [...this.#parts.routeNames, 'unknown'];
    if (planned.route !== '*' && !names.includes(planned.route)) {
      throw new ApiError(400, 'invalidValue', `route has to be * or one of ${names.join(', ')}`);
    }
    return this.#parts.faults.add(planned);
  }

  faults(): readonly Fault[] {
    return this.#parts.faults.list();
  }

  /** Removes a fault; what it holds goes on. @returns whether there was such a fault. */
  removeFault(id: number): boolean {
    return this.#parts.faults.remove(id);
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  /** Requests in order of arrival. */
  requests(filter: Partial<JournalFilter> = {}): JournalEntry[] {
    return this.#parts.journal.list({ after: 0, limit: Number.POSITIVE_INFINITY, ...filter });
  }

  /** How many requests of a route arrived since the journal was last cleared. */
  count(route: string): number {
    return this.#parts.journal.counts()[route] ?? 0;
  }

  /** The requests as soon as there is one, or none after `waitMs` or when the signal fires. */
  waitForRequests(filter: JournalFilter, waitMs: number, signal: AbortSignal): Promise<JournalEntry[]> {
    return this.#parts.journal.waitFor(filter, waitMs, signal);
  }

  get lastSeq(): number {
    return this.#parts.journal.lastSeq;
  }

  clearJournal(): void {
    this.#parts.journal.clear();
  }

  setOnline(online: boolean): Promise<void> {
    return this.#parts.setOnline(online);
  }

  changeSettings({ tokenLifetimeSeconds, ...settings }: SettingsChange): void {
    const { state } = this.#parts;
    if (tokenLifetimeSeconds !== undefined) state.tokens.lifetimeSeconds = tokenLifetimeSeconds;
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    state.settings = { ...state.settings, ...given };
  }

  /** Forgets conferences, journal and faults. Users, applications, tokens and settings stay. */
  forget(): void {
    this.#parts.faults.clear();
    this.#parts.journal.clear();
    this.#parts.state.conferences.clear();
  }

  /** Back to the users, applications and settings of the start, and nothing else. */
  reset(): void {
    this.forget();
    this.#parts.state.reset();
  }

  /** Counts, settings and route names. */
  describe(): unknown {
    const { state, journal, isOnline, routeNames } = this.#parts;
    const records = state.conferences.records;
    return {
      serverId: state.serverId,
      online: isOnline(),
      settings: { ...state.settings, tokenLifetimeSeconds: state.tokens.lifetimeSeconds },
      counts: {
        users: state.users.all().length,
        created: records.length,
        live: state.conferences.live().length,
        running: state.conferences.live().filter((record) => record.state === 'running').length,
        starts: records.reduce((sum, record) => sum + startsOf(record), 0),
        rings: records.reduce((sum, record) => sum + record.rings.length, 0),
      },
      requests: journal.counts(),
      lastSeq: journal.lastSeq,
      routes: routeNames,
    };
  }

  #conference(cid: string): ConferenceRecord {
    return this.#parts.state.conferences.require(cid);
  }
}

function truth(record: ConferenceRecord): TrueConference {
  const { fields, ...rest } = record;
  return { ...fields, ...rest, starts: startsOf(record) };
}

function startsOf(record: ConferenceRecord): number {
  return record.stateChanges.filter((change) => change.to === 'running').length;
}
