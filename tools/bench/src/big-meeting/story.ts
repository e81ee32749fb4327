import {
  addressOf,
  CalendarWriter,
  ExchangeControl,
  TrueConfControl,
  until,
  type WorkerName,
  type WorkerProcess,
} from 'stack-driver';
import { BenchChild } from '../latency/child.ts';
import { untilCached, untilStreamed } from '../scale/workers/sync-table.ts';
import { type WorkerStack, withWorkerStack } from '../scale/workers/worker-stack.ts';
import { watch } from '../sync/watched-mailboxes.ts';
import { type Company, everyone, makeCompany } from './company.ts';
import { type Cost, readCost, spentBetween } from './memory-and-time.ts';
import type { Phase, Statement, Story } from './story-result.ts';
import { UnrelatedMeetings } from './unrelated-meetings.ts';
import type { Sight, ViewerCount, ViewerTask } from './viewer-messages.ts';

export const WEEKS = 26;
const TITLE = 'All hands';
const NEW_TITLE = 'Everyone together';
/** The first occurrence goes on while the series is changed and cancelled. */
const LENGTH_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;
const PER_STREAM = 200;
/** Months of the calendar that are kept: all occurrences. */
const WINDOW = { autoSync: true, backward: 1, forward: 7 };

export interface StoryOptions {
  /** Who takes part in the meeting, its organizer included; each has a mailbox and a client. */
  readonly people: number;
  /** Tells what happens. */
  readonly tell: (text: string) => void;
}

/** Plays it on a stack of its own. @throws NotInTimeError when something does not come about */
export function playBigMeeting(options: StoryOptions): Promise<Story> {
  return withWorkerStack(async (workers) => {
    const viewers = new BenchChild('../big-meeting/viewers-process.ts');
    try {
      return await new BigMeeting(workers, viewers, options).play();
    } finally {
      viewers.end();
    }
  });
}

class BigMeeting {
  readonly #workers: WorkerStack;
  readonly #viewers: BenchChild;
  readonly #size: number;
  readonly #tell: (text: string) => void;
  readonly #exchange: ExchangeControl;
  readonly #trueconf: TrueConfControl;
  #running!: Readonly<Record<WorkerName, WorkerProcess>>;
  #unrelated!: UnrelatedMeetings;
  /** Of its occurrences, known from the first plan on. */
  #eventIds: readonly string[] = [];

  constructor(workers: WorkerStack, viewers: BenchChild, { people, tell }: StoryOptions) {
    const { exchangeControl, trueconfControl } = workers.stack.addresses;
    this.#workers = workers;
    this.#viewers = viewers;
    this.#size = people;
    this.#tell = tell;
    this.#exchange = new ExchangeControl(exchangeControl);
    this.#trueconf = new TrueConfControl(trueconfControl);
  }

  async play(): Promise<Story> {
    const company = await this.#prepare();
    const { people } = company;
    const { ews } = this.#workers.stack.addresses;
    this.#unrelated = await UnrelatedMeetings.prepare(this.#workers.database, ews, company);
    const organizer = new CalendarWriter(ews, addressOf(people[0]!));
    const startMs = Math.ceil((Date.now() + this.#leadMs()) / 1_000) * 1_000;
    let itemId = '';
    const planned = await this.#phase('planned', { kind: 'shown', title: TITLE, occurrences: WEEKS }, async () => {
      const attendees = people.slice(1).map(addressOf);
      const times = { start: new Date(startMs), end: new Date(startMs + LENGTH_MS) };
      itemId = await organizer.create({ subject: TITLE, ...times, attendees, weeks: WEEKS });
    });
    const started = await this.#started(startMs);
    const changed = await this.#phase('changed', { kind: 'shown', title: NEW_TITLE, occurrences: WEEKS }, () =>
      organizer.rename(itemId, NEW_TITLE),
    );
    const cancelled = await this.#phase('cancelled', { kind: 'withdrawn', title: NEW_TITLE }, () =>
      organizer.cancel(itemId),
    );
    return {
      phases: [planned, started.phase, changed, cancelled],
      ...started.facts,
      left: await this.#leftOver(),
      viewers: await this.#count({ kind: 'withdrawn', title: NEW_TITLE }),
      peakMib: (await this.#cost()).peakMib,
      databaseMib: await this.#databaseMib(),
      statements: await this.#statements(),
    };
  }

  /** From the save to the start of the first occurrence: the organizer's calendar has to be read, planned and created. */
  #leadMs(): number {
    return Math.max(20_000, this.#size * 60);
  }

  async #prepare(): Promise<Company> {
    const { config: writeConfig, start, stack } = this.#workers;
    this.#tell(`makes ${this.#size} people`);
    const company = await makeCompany(this.#exchange, this.#trueconf, this.#size);
    const all = everyone(company).map(addressOf);
    const streams = Math.ceil(all.length / PER_STREAM) + 2;
    await this.#exchange.set({ streaming: { connectionsPerAccount: streams } });
    let wsPort = 0;
    const config = await writeConfig('big-meeting', (draft) => {
      wsPort = draft.wsPort;
      watch(draft, all, { connections: 16, requestsPerSecond: 1_000, streams });
      draft.cache = WINDOW;
      draft.conferences = { stopOnCancel: true };
    });
    this.#tell('reads all mailboxes');
    // A worker of its own: the streams of the next one have all mailboxes from their beginning.
    const [reader] = await start('sync-worker', config);
    await untilCached(this.#workers, all.length);
    await reader!.stop();
    this.#tell('starts the workers');
    const [syncWorker, launcher, gateway] = await Promise.all(
      (['sync-worker', 'launcher', 'ws-gateway'] as const).map(async (name) => (await start(name, config))[0]!),
    );
    this.#running = { 'sync-worker': syncWorker!, launcher: launcher!, 'ws-gateway': gateway! };
    await untilStreamed(this.#exchange, all.length);
    this.#tell(`connects ${this.#size} clients (logs: ${stack.addresses.logs})`);
    const gatewayUrl = `ws://127.0.0.1:${wsPort}/websocket/calendar`;
    const range = { from: Date.now() - DAY_MS, to: Date.now() + (WEEKS + 1) * 7 * DAY_MS };
    await this.#ask({ task: 'connect', gatewayUrl, people: company.people, range });
    return company;
  }

  /** Something happens to the series in Exchange, while other people plan their meetings. */
  async #phase(name: Phase['name'], sight: Sight, change: () => Promise<unknown>): Promise<Phase> {
    this.#tell(`${name}?`);
    const [before, fromSeq] = [await this.#cost(), await this.#head()];
    await change();
    const savedMs = Date.now();
    const { result, meetings, throughExchangeMs } = await this.#unrelated.during(
      Promise.all([this.#untilPlanned(name, sight).then(() => Date.now()), this.#untilSeen(name, sight)]),
    );
    const [plannedAt, { seeing, seenMs }] = result;
    const cpuMs = spentBetween(before, await this.#cost());
    const lastSeq = await this.#lastCopySeq(fromSeq);
    const phase = {
      ...{ name, plannedMs: plannedAt - savedMs, shownMs: seenMs - savedMs, seeing, unrelated: meetings, cpuMs },
      throughExchangeMs,
      overtaking: meetings.filter(({ plannedSeq }) => plannedSeq < lastSeq).length,
    };
    this.#tell(`${name} after ${phase.plannedMs} ms, shown to ${seeing} after ${phase.shownMs} ms`);
    return phase;
  }

  async #started(startMs: number) {
    const before = await this.#cost();
    this.#tell('started?');
    const conference = await until(
      'the first occurrence runs',
      async () => (await this.#trueconf.conferences()).find(({ topic, starts }) => topic === TITLE && starts > 0),
      { patienceMs: startMs - Date.now() + 120_000, everyMs: 250 },
    );
    const { seeing, seenMs } = await this.#untilSeen('started', { kind: 'running', title: TITLE });
    const request = (await this.#trueconf.journal()).find(
      ({ route, cid }) => route === 'run' && cid === conference.cid,
    );
    await until('the connector knows that it runs', () => this.#isConfirmed(conference.cid), this.#patient());
    const latenessMs = request!.arrivedAtMs - startMs;
    this.#tell(`started ${latenessMs} ms late, shown to ${seeing} after ${seenMs - startMs} ms`);
    const cpuMs = spentBetween(before, await this.#cost());
    const phase: Phase = {
      ...{ name: 'started', plannedMs: null, shownMs: seenMs - startMs, seeing, unrelated: [], overtaking: 0, cpuMs },
      throughExchangeMs: null,
    };
    return { phase, facts: { latenessMs, starts: conference.starts } };
  }

  async #isConfirmed(cid: string): Promise<true | undefined> {
    const { rows } = await this.#workers.database.query<{ confirmed: boolean }>(
      "SELECT confirmed FROM calendar.conference WHERE cid = $1 AND state = 'running'",
      [cid],
    );
    return rows[0]?.confirmed ? true : undefined;
  }

  /** The conferences of all occurrences are as the series is now. */
  async #untilPlanned(what: string, sight: Sight): Promise<void> {
    await until(
      `the conferences are ${what}`,
      async () => {
        if (sight.kind === 'withdrawn') return this.#areWithdrawn();
        const ids = await this.#plannedAs(sight.title);
        if (ids.length < WEEKS) throw new Error(`${ids.length} of ${WEEKS}`);
        this.#eventIds = ids;
        return true;
      },
      this.#patient(),
    );
  }

  async #plannedAs(topic: string): Promise<string[]> {
    const { rows } = await this.#workers.database.query<{ eventId: string }>(
      `SELECT event_id AS "eventId" FROM calendar.conference WHERE wanted = 'own' AND topic = $1`,
      [topic],
    );
    return rows.map(({ eventId }) => eventId);
  }

  async #areWithdrawn(): Promise<true | undefined> {
    const { rows } = await this.#workers.database.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM calendar.conference
       WHERE event_id = ANY ($1::uuid[]) AND (wanted <> 'none' OR state NOT IN ('cancelled', 'ended'))`,
      [this.#eventIds],
    );
    return rows[0]?.left === 0 ? true : undefined;
  }

  async #untilSeen(what: string, sight: Sight): Promise<{ seeing: number; seenMs: number }> {
    const seeing = await until(
      `all clients show that it was ${what}`,
      async () => {
        const count = await this.#count(sight);
        if (count.seeing < this.#size) throw new Error(`${count.seeing} of ${this.#size}, ${count.closed} closed`);
        return count.seeing;
      },
      { ...this.#patient(), everyMs: 250 },
    );
    return { seeing, seenMs: Date.now() };
  }

  /** In TrueConf Server: the conference of the first occurrence is the only one that was made. */
  async #leftOver(): Promise<number> {
    const ours = (await this.#trueconf.conferences()).filter(({ topic }) => [TITLE, NEW_TITLE].includes(topic));
    return ours.filter(({ state, deletedAtMs }) => state === 'running' || deletedAtMs === null).length;
  }

  #count(sight: Sight): Promise<ViewerCount> {
    return this.#ask({ task: 'count', sight });
  }

  #ask<Answer>(task: ViewerTask): Promise<Answer> {
    return this.#viewers.ask<Answer>(task);
  }

  #cost(): Promise<Cost> {
    return readCost(this.#workers, this.#running);
  }

  #patient(): { patienceMs: number; everyMs: number } {
    return { patienceMs: 60_000 + this.#size * 400, everyMs: 100 };
  }

  async #head(): Promise<number> {
    const { rows } = await this.#workers.database.query<{ seq: number }>('SELECT calendar.head()::float8 AS seq');
    return rows[0]!.seq;
  }

  /** Where the last change of a copy stands in the change log. */
  async #lastCopySeq(fromSeq: number): Promise<number> {
    const { rows } = await this.#workers.database.query<{ seq: number }>(
      `SELECT coalesce(max(seq), 0)::float8 AS seq FROM calendar.change
       WHERE seq > $1 AND event_id = ANY ($2::uuid[]) AND kind IN ('event', 'gone')`,
      [fromSeq, this.#eventIds],
    );
    return rows[0]!.seq;
  }

  async #databaseMib(): Promise<Story['databaseMib']> {
    const { rows } = await this.#workers.database.query<Story['databaseMib'] & Record<string, unknown>>(
      `SELECT pg_database_size(current_database())::float8 / 1048576 AS all,
         pg_total_relation_size('calendar.event')::float8 / 1048576 AS events,
         pg_total_relation_size('calendar.event_audience')::float8 / 1048576 AS people`,
    );
    return rows[0]!;
  }

  async #statements(): Promise<Statement[]> {
    const { rows } = await this.#workers.database.query<Statement & Record<string, unknown>>(
      `SELECT left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 60) AS name, sum(calls)::float8 AS calls,
         round(sum(total_exec_time))::float8 AS "totalMs", sum(shared_blks_hit + shared_blks_read)::float8 AS blocks
       FROM pg_stat_statements GROUP BY 1 ORDER BY 3 DESC LIMIT 40`,
    );
    return rows;
  }
}
