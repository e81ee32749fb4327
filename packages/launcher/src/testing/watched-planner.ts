import { SqlDatabase, type SqlQueryable } from 'calendar-db/testing/sql-database';
import { type ConnectorConfig, loadConfig } from 'connector-config';
import { RunningState } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import { Planner } from '../planner/planner.ts';
import { Planning } from '../planner/planning.ts';
import type { LauncherHouse } from './launcher-house.ts';

/** What a planner's transaction did to the full pass. */
export interface PassEntry {
  readonly by: string;
  readonly what: 'began' | 'page' | 'last page';
  /** Of the rules. */
  readonly digest: string;
  /** Where the page began; null for the first page, and for a beginning. */
  readonly after: string | null;
}

interface PassRow extends Record<string, unknown> {
  readonly digest: string | null;
  readonly after: string | null;
  readonly began: string | null;
}

interface Gate {
  readonly isReached: () => boolean;
  readonly reached: PromiseWithResolvers<void>;
  readonly opened: PromiseWithResolvers<void>;
}

/** Where there is no row, nothing is held. */
const NO_ROW: SqlQueryable = { query: async () => ({ rows: [], rowCount: 0, command: '', oid: 0, fields: [] }) };

const READ_PASS =
  "SELECT pass_digest AS digest, pass_after AS after, pass_began_at::text AS began FROM calendar.consumer WHERE name = 'planner'";

/** A planner with a pool and a configuration of its own. It can be held up between its transactions. */
export class WatchedPlanner {
  readonly log = new CapturedLog();
  /** What all planners did to the pass, in the order of their commits. */
  readonly journal: PassEntry[];
  /** How often it ran each query, by the query's name. */
  readonly queries = new Map<string, number>();
  readonly #name: string;
  readonly #database: SqlDatabase;
  readonly #running: RunningState;
  readonly #planner: Planner;
  readonly #ended: Promise<void>;
  #config: ConnectorConfig;
  #gate: Gate | undefined;
  #inNextTransaction: (() => void) | undefined;
  /** Transactions that were committed since its last page. */
  #sincePage = 0;

  /** Starts one by the configuration that the house has now. @param journal shared by the planners of a test */
  constructor(house: LauncherHouse, name: string, journal: PassEntry[], options: { readonly paused?: boolean } = {}) {
    this.journal = journal;
    this.#name = name;
    this.#config = loadConfig(house.config.path).config;
    this.#database = new SqlDatabase(house.db.options);
    const transaction = this.#database.transaction.bind(this.#database);
    const watched: typeof transaction = async (work) => {
      await this.#passGate();
      return transaction((client) => this.#watch(client, work));
    };
    const outside = this.#counting({ query: this.#database.query.bind(this.#database) });
    Object.assign(this.#database, { transaction: watched, query: outside.query });
    const log = this.log.logger();
    this.#running = new RunningState(name, log);
    const shared = { database: this.#database, config: () => this.#config, log };
    const planning = new Planning({
      ...{ ...shared, actor: name },
      ...{ onQuestions: () => undefined, onSetAside: () => undefined },
    });
    this.#planner = new Planner({ ...shared, running: this.#running, version: 'test', planning });
    if (options.paused) void this.pauseAt(0);
    this.#ended = this.#planner.run();
    this.#ended.catch(() => undefined);
  }

  /** Pages of the pass that this planner planned. */
  get pages(): number {
    return this.journal.filter(({ by, what }) => by === this.#name && what !== 'began').length;
  }

  /** @returns when it stands before its next transaction, having planned so many pages in its life */
  pauseAt(pages: number): Promise<void> {
    return this.#pauseWhen(() => this.pages >= pages);
  }

  /** @returns when it stands before its next page, having planned so many pages in its life, and the changes since */
  pauseBeforePageAfter(pages: number): Promise<void> {
    return this.#pauseWhen(() => this.pages >= pages && this.#sincePage > 0);
  }

  /** @returns when it stands before its next transaction, having run a query so many times in its life */
  pauseAfter(query: string, times: number): Promise<void> {
    return this.#pauseWhen(() => (this.queries.get(query) ?? 0) >= times);
  }

  #pauseWhen(isReached: () => boolean): Promise<void> {
    this.#gate?.opened.resolve();
    const gate = {
      isReached,
      reached: Promise.withResolvers<void>(),
      opened: Promise.withResolvers<void>(),
    };
    this.#gate = gate;
    return gate.reached.promise;
  }

  resume(): void {
    this.#gate?.opened.resolve();
    this.#gate = undefined;
  }

  wake(): void {
    this.#planner.wake();
  }

  /** Takes over the configuration that the house has now, as a reload does. */
  reload(house: LauncherHouse): void {
    this.#config = loadConfig(house.config.path).config;
    this.wake();
  }

  /** The same inside the planner's next transaction, before it has planned anything in it. */
  reloadInNextTransaction(house: LauncherHouse): void {
    this.#inNextTransaction = () => this.reload(house);
  }

  async stop(): Promise<void> {
    this.#running.stop();
    this.resume();
    await this.#ended;
    await this.#database.close();
  }

  async #passGate(): Promise<void> {
    const gate = this.#gate;
    if (!gate?.isReached()) return;
    gate.reached.resolve();
    await gate.opened.promise;
  }

  async #watch<Result>(client: SqlQueryable, work: (client: SqlQueryable) => Promise<Result>): Promise<Result> {
    const read = async (suffix = '') => (await client.query<PassRow>(`${READ_PASS} ${suffix}`)).rows[0];
    // What another planner does is not to be taken for this one's.
    const before = await read('FOR UPDATE SKIP LOCKED');
    this.#inNextTransaction?.();
    this.#inNextTransaction = undefined;
    const result = await work(before === undefined ? NO_ROW : this.#counting(client));
    const after = await read();
    const { pages } = this;
    if (before !== undefined && after !== undefined) this.#note(before, after);
    this.#sincePage = this.pages > pages ? 0 : this.#sincePage + 1;
    return result;
  }

  /** The same connection, whose declared queries are counted. */
  #counting(client: SqlQueryable): SqlQueryable {
    const query = (asked: unknown, ...given: unknown[]) => {
      const name =
        typeof asked === 'object' && asked !== null && 'name' in asked ? String(asked.name) : 'SQL of a test';
      this.queries.set(name, (this.queries.get(name) ?? 0) + 1);
      return Reflect.apply(client.query, client, [asked, ...given]);
    };
    return { query: query as SqlQueryable['query'] };
  }

  #note(before: PassRow, now: PassRow): void {
    const by = this.#name;
    const { digest, after } = before;
    if (now.began !== null && now.began !== before.began) {
      this.journal.push({ by, what: 'began', digest: now.digest ?? '', after: null });
    } else if (digest !== null && now.digest === null) {
      this.journal.push({ by, what: 'last page', digest, after });
    } else if (digest !== null && now.after !== after) {
      this.journal.push({ by, what: 'page', digest, after });
    }
  }
}
