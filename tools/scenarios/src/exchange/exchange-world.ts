import pg from 'pg';
import {
  compareCache,
  DOMAIN,
  ExchangeControl,
  fillCompileCache,
  freePorts,
  LocalStack,
  PASSWORD,
  until,
  type WorkerConfig,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';
import { agreed } from '../proof/agreed.ts';
import { CalendarChanges } from './calendar-changes.ts';
import { companyCalendars } from './company-calendars.ts';
import { SeededRandom } from './seeded-random.ts';
import { WorkerLogs } from './worker-logs.ts';

/** Instances that may be added to those that a world starts with. */
const MOST_WORKERS = 6;

/** The mailbox servers, over which the mailboxes are spread by turns. */
export const BACK_ENDS = ['EX01', 'EX02'] as const;

export interface ExchangeWorldPlan {
  readonly mailboxes: number;
  readonly syncWorkers: number;
  /** Alters the config that all of them read. */
  readonly change?: (config: WorkerConfig) => void;
}

/** The half of the connector that faces Exchange: mailboxes with calendars, sync-workers, Postgres, and people at work. */
export class ExchangeWorld {
  readonly addresses: readonly string[];
  readonly stack: LocalStack;
  readonly exchange: ExchangeControl;
  readonly database: pg.Pool;
  readonly changes: CalendarChanges;
  readonly random: SeededRandom;
  readonly logs: WorkerLogs;
  readonly workers: WorkerProcess[] = [];
  #config = '';
  #opsPort = 0;
  #change: ExchangeWorldPlan['change'];

  private constructor(stack: LocalStack, { mailboxes, change }: ExchangeWorldPlan) {
    this.stack = stack;
    this.#change = change;
    this.addresses = Array.from({ length: mailboxes }, (_, n) => `person-${String(n).padStart(2, '0')}@${DOMAIN}`);
    this.exchange = new ExchangeControl(stack.addresses.exchangeControl);
    this.database = new pg.Pool({ connectionString: stack.addresses.database, max: 2 });
    // Whoever waits in the pool is told when Postgres ends before it.
    this.database.on('error', () => undefined);
    this.random = SeededRandom.ofEnvironment();
    this.changes = new CalendarChanges(stack.addresses.ews, this.exchange, this.addresses, this.random);
    this.logs = new WorkerLogs(stack.addresses.logs);
  }

  /** Starts all of it; the stories begin when the cache holds what Exchange holds. */
  static async start(plan: ExchangeWorldPlan): Promise<ExchangeWorld> {
    const stack = await LocalStack.start();
    const world = new ExchangeWorld(stack, plan);
    console.log(`seed ${world.random.seed} (CALENDAR_STORY_SEED), logs ${stack.addresses.logs}`);
    try {
      const today = new Date().toISOString().slice(0, 10);
      await world.exchange.set({ backEnds: BACK_ENDS.map((name) => ({ name })) });
      const people = world.addresses.map((address) => ({ address, password: PASSWORD, backEnd: backEndOf(address) }));
      await world.exchange.addPeople(people);
      await world.exchange.fill(companyCalendars(world.addresses, today));
      world.#opsPort = await freePorts(MOST_WORKERS + 2);
      await world.#writeConfig();
      await fillCompileCache(['sync-worker'], stack.addresses.logs);
      for (let n = 0; n < plan.syncWorkers; n++) world.addWorker();
      await Promise.all(world.workers.map((worker) => worker.ready()));
      await world.agrees();
      await world.logs.news();
      return world;
    } catch (error) {
      await world.end({ keepLogs: true });
      throw error;
    }
  }

  /** One more sync-worker; its `ready` tells when it is at work. */
  addWorker(): WorkerProcess {
    const worker = new WorkerProcess({
      name: 'sync-worker',
      instance: this.workers.length,
      config: this.#config,
      opsPort: this.#opsPort,
      logs: this.stack.addresses.logs,
    });
    this.workers.push(worker);
    return worker;
  }

  /** Alters the config further and lets all workers read it again, as an administrator does with SIGHUP. */
  async reload(change: (config: WorkerConfig) => void): Promise<void> {
    const before = this.#change;
    this.#change = (config) => {
      before?.(config);
      change(config);
    };
    await this.#writeConfig();
    for (const worker of this.workers) worker.reload();
  }

  /** Waits until the database holds what Exchange holds, field by field, in every mailbox. @throws NotInTimeError */
  async agrees(): Promise<number> {
    return agreed('the database agrees with Exchange', () =>
      compareCache(this.database, this.exchange, this.addresses),
    );
  }

  /** Waits until as many mailboxes as told fulfil a condition in SQL. @throws NotInTimeError */
  async mailboxesWhere(what: string, condition: string, count: number): Promise<void> {
    await until(
      what,
      async () => {
        const { rows } = await this.database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM calendar.mailbox WHERE ${condition}`,
        );
        if (rows[0]!.n >= count) return true;
        throw new Error(`${rows[0]!.n} of ${count}`);
      },
      { patienceMs: 60_000, everyMs: 100 },
    );
  }

  async end({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.database.end();
    await this.stack.stop({ keepLogs });
  }

  async #writeConfig(): Promise<void> {
    const free = this.#opsPort + MOST_WORKERS;
    const ports = { syncWorker: this.#opsPort, wsGateway: free, launcher: free + 1 };
    this.#config = await writeWorkerConfig(this.stack.addresses.config, 'sync', (config) => {
      config.ops.ports = ports;
      config.calendarProviders[0]!.users = [...this.addresses];
      // Small sync groups, so that every worker has some. What streams tell of is looked at every few seconds as well.
      config.sync = { pollSeconds: 0.5, streamedPollSeconds: 5, groupSize: 3 };
      this.#change?.(config);
    });
  }
}

/** Where a mailbox of the world lives in the beginning. */
export function backEndOf(address: string): string {
  const number = Number(/\d+/u.exec(address)?.[0] ?? 0);
  return BACK_ENDS[number % BACK_ENDS.length]!;
}
