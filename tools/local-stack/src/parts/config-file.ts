import { writeFile } from 'node:fs/promises';
import type { DatabaseOptions } from 'calendar-db/database';
import { addressOf, DOMAIN, EMPLOYEES, ROOM, SERVER_ID, SERVICE_LOGIN, SERVICE_PASSWORD } from '../company/people.ts';
import { hashedPasswords } from './hashed-password.ts';

export interface ConfigFacts {
  readonly database: DatabaseOptions;
  readonly ewsUrl: string;
  readonly trueconfUrl: string;
  readonly trueconfClient: { readonly clientId: string; readonly clientSecret: string };
  readonly ports: {
    readonly ws: number;
    readonly syncWorker: number;
    readonly wsGateway: number;
    readonly launcher: number;
  };
  /** Seconds between two looks at a mailbox. */
  readonly pollSeconds: number;
  /** Milliseconds between re-reads that nobody asked for; 0 leaves everything to NOTIFY. */
  readonly safetyPollMs: number;
}

/** Writes a `config.json` for the simulators, with passwords that came from `tc_calendar`. */
export async function writeLocalConfig(file: string, facts: ConfigFacts): Promise<void> {
  const { database, trueconfClient, ports } = facts;
  const ews = new URL(facts.ewsUrl);
  const passwords = [database.password, SERVICE_PASSWORD, trueconfClient.clientSecret];
  const [databasePassword, servicePassword, clientSecret] = await hashedPasswords(file, passwords);
  const config = {
    wsPort: ports.ws,
    dbConnectionConfig: {
      host: database.host,
      port: database.port,
      user: database.user,
      password: databasePassword,
      database: database.database,
    },
    launchConference: true,
    temporalConfParticipantsMode: false,
    cache: { autoSync: true, backward: 2, forward: 3 },
    productWhitelist: { tcs: [`${SERVER_ID}#vcs`] },
    calendarProviders: [
      {
        type: 'ews',
        protocol: 'http',
        host: ews.hostname,
        port: Number(ews.port),
        path: ews.pathname,
        credentials: [{ login: SERVICE_LOGIN, password: servicePassword }],
        users: [...EMPLOYEES.map(({ id }) => addressOf(id)), addressOf(ROOM.id)],
        limits: { connections: 8, requestsPerSecond: 200 },
      },
    ],
    trueconfServers: [
      {
        serverId: SERVER_ID,
        url: facts.trueconfUrl,
        clientId: trueconfClient.clientId,
        clientSecret,
        addressDomains: [DOMAIN],
      },
    ],
    gateway: { host: '127.0.0.1', safetyPollMs: facts.safetyPollMs },
    conferences: { safetyPollMs: facts.safetyPollMs },
    sync: { pollSeconds: facts.pollSeconds },
    ops: { ports: { syncWorker: ports.syncWorker, wsGateway: ports.wsGateway, launcher: ports.launcher } },
    log: { format: 'json' },
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
