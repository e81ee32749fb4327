import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { type ExchangeSimulator, type FaultRule, type JournalEntry, startExchangeSimulator } from 'exchange-simulator';
import { until } from 'stack-driver';
import { type ChildWorker, spawnWorker, type TestConfig, writeTestConfig } from 'worker-kit/testing';

const MAIN = new URL('../../../../packages/sync-worker/src/main.ts', import.meta.url);
const ACCOUNT = { login: 'svc-calendar', password: 'marker-of-the-password' };
const DAY_MS = 86_400_000;

/** What a fault does, as the simulator's control API takes it: what has a default there may be left out. */
export type Fault = { readonly form: FaultRule['action']['form'] } & Record<string, unknown>;

/** An item as the simulator's seed takes it. */
export interface SeedItem {
  readonly mailbox: string;
  readonly subject: string;
  readonly [property: string]: unknown;
}

/** How a mailbox stands in the database. */
export interface MailboxRow extends Record<string, unknown> {
  readonly address: string;
  readonly status: string;
  readonly errorClass: string | null;
  readonly errorCode: string | null;
  /** The server's own code or status. */
  readonly errorDetail: string | null;
  readonly failures: number;
  readonly syncState: string | null;
  readonly unreadItems: number;
  /** From the last failure to the next try. */
  readonly retrySeconds: number;
  readonly held: boolean;
}

/** Sync workers as processes of their own between an Exchange simulator and a database. */
export class EngineWorld {
  readonly simulator: ExchangeSimulator;
  readonly db: TestDatabase;
  readonly config: TestConfig;
  readonly workers: ChildWorker[] = [];
  #sections: Record<string, unknown>;

  private constructor(simulator: ExchangeSimulator, db: TestDatabase, config: TestConfig) {
    this.simulator = simulator;
    this.db = db;
    this.config = config;
    this.#sections = {};
  }

  /** Makes it, with one worker; resolves when every mailbox is cached. @param sections of the config, besides what is made */
  static async start(addresses: readonly string[], sections: Record<string, unknown> = {}): Promise<EngineWorld> {
    const [simulator, db] = await Promise.all([startExchangeSimulator(), createTestDatabase()]);
    const world = new EngineWorld(simulator, db, await writeTestConfig(db.options));
    await world.control('POST', '/seed', {
      mailboxes: addresses.map((address) => ({ address })),
      accounts: [{ ...ACCOUNT, impersonates: 'all' }],
    });
    const { hostname, port, pathname } = new URL(simulator.ewsUrl);
    world.#sections = {
      calendarProviders: [
        {
          ...{ type: 'ews', protocol: 'http', host: hostname, port: Number(port), path: pathname, users: addresses },
          credentials: [{ login: ACCOUNT.login, password: world.config.encrypt(ACCOUNT.password) }],
        },
      ],
      cache: { autoSync: true },
      sync: { pollSeconds: 0.5 },
      log: { level: 'trace' },
    };
    world.configure(sections);
    return world;
  }

  /** The password of the service account, to be looked for where it must not be. */
  static readonly password = ACCOUNT.password;

  configure(sections: Record<string, unknown>): void {
    this.config.write({ ...this.#sections, ...sections });
  }

  work(instance = 0): ChildWorker {
    const worker = spawnWorker(MAIN, { args: ['--config', this.config.path, '--instance', String(instance)] });
    this.workers.push(worker);
    return worker;
  }

  async untilCached(): Promise<void> {
    const uncached = async () => (await this.mailboxes()).some(({ syncState }) => syncState === null);
    await until('all mailboxes are cached', async () => {
      const boxes = await this.mailboxes();
      return boxes.length > 0 && !(await uncached()) ? true : undefined;
    });
  }

  /** Lets the time pass after which workers that fell silent count as dead and their leases are over. */
  async forgetWorkers(): Promise<void> {
    await this.db.database.query('UPDATE calendar.mailbox SET lease_until = NULL, next_sync_at = clock_timestamp()');
    await this.db.database.query('DELETE FROM calendar.worker');
  }

  async end(): Promise<void> {
    for (const worker of this.workers) {
      worker.kill('SIGCONT');
      await worker.stop();
    }
    await this.simulator.close();
    await this.db.drop();
    this.config.remove();
  }

  /** Items tomorrow, unless they say otherwise. @returns their ids */
  async seed(...items: readonly SeedItem[]): Promise<string[]> {
    const start = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + DAY_MS);
    const hour = {
      start: start.toISOString(),
      end: new Date(start.getTime() + 3_600_000).toISOString(),
      timeZone: 'UTC',
    };
    const made = await this.control('POST', '/seed', { items: items.map((item) => ({ ...hour, ...item })) });
    return (made as { items: { itemId: string }[] }).items.map(({ itemId }) => itemId);
  }

  async disturb(rule: Omit<Partial<FaultRule>, 'action'> & { readonly action: Fault }): Promise<void> {
    await this.control('POST', '/faults', rule);
  }

  async calm(): Promise<void> {
    await this.control('DELETE', '/faults');
  }

  async journal(): Promise<JournalEntry[]> {
    return (await this.control('GET', '/journal')) as JournalEntry[];
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const content =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.simulator.controlUrl}${path}`, { method, ...content });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async mailboxes(): Promise<MailboxRow[]> {
    const { rows } = await this.db.database.query<MailboxRow>(
      `SELECT address, status, failures,
              error_class AS "errorClass", error_code AS "errorCode", error_detail AS "errorDetail",
              sync_state AS "syncState", unread_items AS "unreadItems",
              extract(epoch FROM next_sync_at - error_at)::double precision AS "retrySeconds",
              coalesce(held_until > clock_timestamp(), false) AS held
       FROM calendar.mailbox ORDER BY address`,
    );
    return rows;
  }

  async mailbox(address: string): Promise<MailboxRow> {
    const found = (await this.mailboxes()).find((row) => row.address === address);
    if (found === undefined) throw new Error(`${address} is no mailbox`);
    return found;
  }

  /** How many live events of a mailbox are known by the view alone. */
  async withoutDetails(address: string): Promise<number> {
    const { rows } = await this.db.database.query(
      `SELECT FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
       WHERE address = $1 AND gone_at IS NULL AND details = 'missing'`,
      [address],
    );
    return rows.length;
  }

  /** Subjects of the live events of a mailbox, in order. */
  async subjects(address: string): Promise<string[]> {
    const { rows } = await this.db.database.query<{ subject: string }>(
      `SELECT subject FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
       WHERE address = $1 AND gone_at IS NULL ORDER BY subject`,
      [address],
    );
    return rows.map(({ subject }) => subject);
  }
}
