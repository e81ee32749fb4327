import { join } from 'node:path';
import type { DatabaseOptions } from 'calendar-db/database';
import { migrate } from 'calendar-db/schema';
import { type ExchangeSimulator, startExchangeSimulator } from 'exchange-simulator';
import { startTrueConfSimulator, type TrueConfSimulator } from 'trueconf-simulator';
import { seedBelievableMonth } from './company/believable-month.ts';
import { DOMAIN, EMPLOYEES, PASSWORD, SERVER_ID } from './company/people.ts';
import { outlookOf, seedMailboxes, TRUECONF_USERS } from './company/seed-simulators.ts';
import type { Outlook } from './outlook/outlook.ts';
import type { Child } from './parts/child-process.ts';
import { writeLocalConfig } from './parts/config-file.ts';
import { makeLogFolder, requireUnusedFolder } from './parts/data-folder.ts';
import { freePort } from './parts/free-port.ts';
import { type LocalPostgres, startLocalPostgres } from './parts/local-postgres.ts';
import type { Reporter } from './parts/reporter.ts';
import { startWorker, untilReady, WORKERS, type WorkerName } from './parts/worker-processes.ts';

/** An OAuth application as an administrator would make it in TrueConf Server for the connector. */
const OAUTH_APP = {
  clientId: 'calendar-connector',
  clientSecret: 'local-stack-secret',
  scopes: ['conferences', 'conferences.invitations', 'conferences.participants:read', 'users:read'],
};

export interface StackOptions {
  /** Keeps the database, the key and the logs. */
  readonly folder: string;
  /** Forget what an earlier run left there. */
  readonly reset: boolean;
  readonly seed: boolean;
  readonly pollSeconds: number;
  readonly safetyPollMs: number;
  /** Everything but the workers: whoever started the stack runs them, with a config of its own making perhaps. */
  readonly withoutWorkers?: boolean;
  /** Postgres counts statements, and the workers' role may read its figures and fill tables without triggers. */
  readonly measurable?: boolean;
}

/** Where everything is, so that an outside program can drive and check it. */
interface StackAddresses {
  readonly ews: string;
  readonly exchangeControl: string;
  readonly trueconf: string;
  readonly trueconfControl: string;
  readonly journal: string;
  readonly gateway: string;
  readonly token: string;
  readonly ops: Readonly<Record<WorkerName, string>>;
  readonly database: string;
  readonly config: string;
  readonly logs: string;
}

export interface Stack {
  readonly addresses: StackAddresses;
  readonly workers: ReadonlyMap<WorkerName, Child>;
  readonly admin: DatabaseOptions;
  outlook(id: string): Outlook;
  stop(): Promise<void>;
}

/** Starts everything on this machine, in order, each stage ready before the next. Rejects after cleaning up. */
export async function startStack(options: StackOptions, reporter: Reporter): Promise<Stack> {
  const ending: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startParts(options, reporter, ending)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  reporter: Reporter,
  ending: (() => Promise<unknown>)[],
): Promise<Omit<Stack, 'stop'>> {
  const { folder } = options;
  await requireUnusedFolder(folder);
  const logs = await makeLogFolder(folder, options);
  const ports = await choosePorts(reporter);
  const postgres = await startLocalPostgres(join(folder, 'postgres'), ports.postgres, {
    measurable: options.measurable === true,
  });
  ending.push(() => postgres.stop());
  const { migrations } = await migrate(postgres.options);
  reporter.stage(
    'calendar database',
    `Postgres on 127.0.0.1:${ports.postgres}, ${migrations.length} migrations applied`,
  );

  const exchange = await startExchangeSimulator();
  ending.push(() => exchange.close());
  await seedMailboxes(exchange.controlUrl);
  const outlook = outlookOf(exchange.ewsUrl);
  const saved = options.seed ? await seedBelievableMonth(outlook, new Date()) : 0;
  reporter.stage(
    'Exchange simulator',
    `${exchange.ewsUrl}, ${EMPLOYEES.length + 1} mailboxes of ${DOMAIN}, ${saved} events and series saved over EWS`,
  );
  const trueconf = await startTrueConfSimulator({ serverId: SERVER_ID, users: TRUECONF_USERS, oauthApps: [OAUTH_APP] });
  ending.push(() => trueconf.close());
  reporter.stage('TrueConf simulator', `${trueconf.url}, ${TRUECONF_USERS.length} users`);

  const config = join(folder, 'config.json');
  await writeLocalConfig(config, {
    database: postgres.options,
    ewsUrl: exchange.ewsUrl,
    trueconfUrl: trueconf.url,
    trueconfClient: OAUTH_APP,
    ports,
    pollSeconds: options.pollSeconds,
    safetyPollMs: options.safetyPollMs,
  });
  reporter.stage('configuration', `${config}, passwords made by tc_calendar`);
  const addresses = addressesOf(ports, postgres, exchange, trueconf, config, logs);
  const workers = options.withoutWorkers ? new Map() : await startWorkers(config, addresses, ending, reporter);
  return { addresses, workers, admin: postgres.admin, outlook };
}

interface Ports {
  readonly ws: number;
  readonly postgres: number;
  readonly syncWorker: number;
  readonly wsGateway: number;
  readonly launcher: number;
}

/** The usual ports, or the next free ones. */
async function choosePorts(reporter: Reporter): Promise<Ports> {
  const taken = new Set<number>();
  const choose = async (what: string, preferred: number) => {
    const port = await freePort(preferred, taken);
    taken.add(port);
    if (port !== preferred) reporter.stage('port', `${preferred} for ${what} is taken; ${port} it is`);
    return port;
  };
  return {
    ws: await choose('clients', 4315),
    postgres: await choose('Postgres', 5441),
    syncWorker: await choose('the sync-worker’s ops listener', 4320),
    wsGateway: await choose('the ws-gateway’s ops listener', 4340),
    launcher: await choose('the launcher’s ops listener', 4360),
  };
}

function addressesOf(
  ports: Ports,
  { options: database }: LocalPostgres,
  exchange: ExchangeSimulator,
  trueconf: TrueConfSimulator,
  config: string,
  logs: string,
): StackAddresses {
  const local = (port: number) => `http://127.0.0.1:${port}`;
  return {
    ews: exchange.ewsUrl,
    exchangeControl: exchange.controlUrl,
    trueconf: trueconf.url,
    trueconfControl: trueconf.controlUrl,
    journal: `${trueconf.controlUrl}/journal`,
    gateway: `ws://127.0.0.1:${ports.ws}/websocket/calendar`,
    token: `${local(ports.ws)}/bridge/api/client/v1/oauth/token`,
    ops: {
      'sync-worker': local(ports.syncWorker),
      'ws-gateway': local(ports.wsGateway),
      launcher: local(ports.launcher),
    },
    database: `postgres://${database.user}:${database.password}@127.0.0.1:${ports.postgres}/${database.database}`,
    config,
    logs,
  };
}

async function startWorkers(
  config: string,
  addresses: StackAddresses,
  ending: (() => Promise<unknown>)[],
  reporter: Reporter,
): Promise<ReadonlyMap<WorkerName, Child>> {
  const workers = new Map(WORKERS.map((name) => [name, startWorker(name, config, addresses.logs)]));
  ending.push(() => Promise.all([...workers.values()].map((child) => child.stop())));
  for (const [name, child] of workers) {
    await untilReady(child, addresses.ops[name]);
    reporter.stage(name, `process ${child.pid}, ${addresses.ops[name]}`);
  }
  return workers;
}

/** How people of the company sign in, for the reader of the console. */
export const SIGN_IN_HINT = `sign in as ${EMPLOYEES.map(({ id }) => id).join(', ')} (password ${PASSWORD})`;
