import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { CalendarDatabase } from 'calendar-db/database';
import type { ListedMailbox, ReachableMailboxes } from 'calendar-db/sync';
import { type ConnectorConfig, type ProviderConfig, providerKey, type SecretKey } from 'connector-config';
import {
  AutodiscoverClient,
  autodiscoverUrl,
  type EwsCalendarReader,
  EwsClient,
  type EwsClientOptions,
  EwsOptionsError,
} from 'ews-client';
import { FatalError, type Logger } from 'worker-kit';
import { type PlaceReader, uncountedGate } from '../accounts/account-clients.ts';
import { AccountPool, type WorkerPlace } from '../accounts/account-pool.ts';
import type { Account } from '../accounts/account-seat.ts';
import { HostBudget } from '../accounts/host-budget.ts';
import type { StreamSettings } from '../accounts/stream-account.ts';
import { EwsProvider, type KnownPeople } from './ews-provider.ts';
import { MovedMailboxes } from './moved-mailboxes.ts';
import { kerberosLeftOut, signInsOf } from './provider-sign-ins.ts';

/** Makes the reader of one account; another one in tests. */
export type MakeReader = (options: EwsClientOptions) => EwsCalendarReader;

/** Makes what asks Autodiscover for one account. */
export type MakePlaceReader = (options: EwsClientOptions) => PlaceReader;

export interface ProviderParts {
  readonly database: CalendarDatabase;
  readonly log: Logger;
  readonly key: SecretKey;
  /** `privacy.storePrivate` at the moment. */
  readonly storePrivate: () => boolean;
  /** Makes what knows the people of one provider, given its key and its users' canonical addresses. */
  readonly makePeople: (provider: string, users: ReadonlySet<string>) => ProviderPeople;
  readonly makeReader?: MakeReader | undefined;
  readonly makePlaceReader?: MakePlaceReader | undefined;
  /** Says what this machine lacks for Kerberos, null for nothing; another one in tests. */
  readonly missingForKerberos?: (() => string | null) | undefined;
}

/** What one provider's calendars and its directory of people have to do with each other. */
export interface ProviderPeople extends KnownPeople {
  readonly provider: string;
  /** Called when questions were left. */
  onQuestions: () => void;
  /** Takes over who the provider's users are: canonical addresses. */
  serve(users: Iterable<string>): void;
  /** Learns which rooms are known by now. @throws the database's error */
  learnRooms(): Promise<void>;
  /** Leaves questions about the mailboxes themselves and the rooms. @throws the database's error */
  refresh(): Promise<void>;
}

/** One entry of `calendarProviders` at work. */
export interface ProviderSeat {
  readonly provider: EwsProvider;
  readonly accounts: AccountPool;
  readonly people: ProviderPeople;
  /** Mailboxes that are read elsewhere than at `ewsUrl`. */
  readonly moved: MovedMailboxes;
  /** The provider's own address. */
  readonly ewsUrl: string;
  readonly config: ProviderConfig;
  /** Shared by all entries that lead to the same host. */
  readonly host: HostBudget;
  /** Canonical addresses. */
  readonly users: ReadonlySet<string>;
  /** All that its connections depend on; entries with the same text are interchangeable. */
  readonly connection: unknown;
}

/**
 * The calendar servers of one configuration and which mailboxes are read from them. Never changes: a reload makes another
 * one, which takes over the seats that stay as they are, their connections and what they learned included.
 */
export class ProviderDirectory {
  readonly seats: readonly ProviderSeat[];
  /** Every listed mailbox with its provider's key. */
  readonly listed: readonly ListedMailbox[];
  readonly #byMailbox: ReadonlyMap<string, ProviderSeat>;

  private constructor(seats: readonly ProviderSeat[]) {
    this.seats = seats;
    this.#byMailbox = new Map(seats.flatMap((seat) => [...seat.users].map((user) => [user, seat] as const)));
    this.listed = [...this.#byMailbox].map(([address, { provider }]) => ({ provider: provider.key, address }));
  }

  /**
   * @param before the directory whose seats may go on
   * @throws FatalError when a password cannot be decrypted, or a file or an address cannot be used
   */
  static from(config: ConnectorConfig, parts: ProviderParts, before?: ProviderDirectory): ProviderDirectory {
    const kept = [...(before?.seats ?? [])];
    const hosts = new Map(
      kept.map(({ config: { host, port }, host: budget }) => [`${host}:${port}`.toLowerCase(), budget]),
    );
    const hostOf = ({ host, port }: ProviderConfig): HostBudget => {
      const name = `${host}:${port}`.toLowerCase();
      const budget = hosts.get(name) ?? new HostBudget();
      hosts.set(name, budget);
      return budget;
    };
    const seats = config.calendarProviders.map((provider): ProviderSeat => {
      const connection = connectionOf(provider, parts);
      const users = new Set(provider.users);
      const same = kept.find((seat) => isDeepStrictEqual(seat.connection, connection));
      if (same === undefined) return newSeat(provider, hostOf(provider), users, connection, parts);
      kept.splice(kept.indexOf(same), 1);
      return { ...same, config: provider, users };
    });
    return new ProviderDirectory(seats);
  }

  /** The seat that a mailbox is read through; undefined when it is listed elsewhere, or nowhere. */
  seatOf({ provider, address }: ListedMailbox): ProviderSeat | undefined {
    const seat = this.#byMailbox.get(address);
    return seat?.provider.key === provider ? seat : undefined;
  }

  /** Divides the budgets of accounts and hosts among the live workers. */
  share(place: Omit<WorkerPlace, 'groups'>, groupsOf: (provider: string) => readonly string[]): void {
    const { workers } = place;
    for (const { provider, accounts, config } of this.seats) {
      accounts.share(config.limits, { ...place, groups: groupsOf(provider.key) });
    }
    for (const [host, seats] of Map.groupBy(this.seats, (seat) => seat.host)) {
      // Of entries for one host the most careful counts.
      host.share(Math.min(...seats.map(({ config }) => config.limits.hostConnections)), workers);
    }
  }

  /** The listed mailboxes whose servers may be asked now. */
  reachable(): ReachableMailboxes {
    const open = new Set(this.seats.filter(({ accounts }) => accounts.isUsable));
    return {
      providers: [...new Set([...open].map(({ provider }) => provider.key))],
      has: (mailbox) => {
        const seat = this.seatOf(mailbox);
        return seat !== undefined && open.has(seat);
      },
    };
  }

  /** Closes the seats that `next` does not go on with. Calls under way there are ended. */
  async close(next?: ProviderDirectory): Promise<void> {
    const staying = new Set(next?.seats.map(({ provider }) => provider));
    const leaving = this.seats.filter(({ provider }) => !staying.has(provider));
    await Promise.all(leaving.map(({ provider }) => provider.close()));
  }
}

/** What tells whether the connections of an entry can go on: all of it but its users and its share of the work. */
function connectionOf(config: ProviderConfig, { key, missingForKerberos }: ProviderParts): unknown {
  const { users: _, limits, credentials: __, oauth, ...rest } = config;
  const signIns = signInsOf(config, key, missingForKerberos);
  const accounts = signIns.map(({ login, fingerprint }) => ({ login, fingerprint }));
  const { tokenUrl, scope } = oauth ?? {};
  const cas = [authority('tls.ca', config.tls.ca), authority('oauth.ca', oauth?.ca)];
  return { ...rest, tokenUrl, scope, connections: limits.connections, accounts, cas };
}

function newSeat(
  config: ProviderConfig,
  host: HostBudget,
  users: ReadonlySet<string>,
  connection: unknown,
  parts: ProviderParts,
): ProviderSeat {
  const { database, log, key, storePrivate, makePeople, makeReader = (options) => new EwsClient(options) } = parts;
  const { makePlaceReader = (options) => new AutodiscoverClient(options), missingForKerberos } = parts;
  const name = providerKey(config);
  const ewsUrl = `${config.protocol}://${config.host}:${config.port}${config.path}`;
  const oauth = config.oauth && { ...config.oauth, ca: authority('oauth.ca', config.oauth.ca) };
  const shared = {
    oauth,
    ca: authority('tls.ca', config.tls.ca),
    pins: config.tls.pins,
    minTlsVersion: config.tls.minVersion,
    connections: config.limits.connections,
  };
  const autodiscover = { url: config.autodiscover.url ?? autodiscoverUrl(ewsUrl), connections: 1 };
  const accounts = signInsOf(config, key, missingForKerberos).map(({ login, fingerprint, optionsFor }): Account => {
    const optionsAt = (url: string): EwsClientOptions => ({ ...shared, ...optionsFor(url), url });
    return {
      key: { provider: name, login, fingerprint },
      signsInWithTokens: config.auth === 'oauth',
      open: (gate) => ({
        reader: (url) => opened(makeReader, { ...optionsAt(url ?? ewsUrl), gate }),
        placeReader: () =>
          makePlaceReader({ ...optionsAt(autodiscover.url), ...autodiscover, gate: uncountedGate(gate) }),
      }),
    };
  });
  const leftOut = kerberosLeftOut(config, missingForKerberos);
  if (leftOut !== null) {
    const message = `${name}: there is a keytab, and passwords are used instead of it: ${leftOut}`;
    log.warn('provider.kerberos-missing', message, { provider: name });
  }
  const moved = new MovedMailboxes();
  const pool = new AccountPool(name, accounts, { database, log, host, urlOf: (mailbox) => moved.urlOf(mailbox) });
  const people = makePeople(name, users);
  const onLocalExpansion = () =>
    log.info('provider.local-expansion', `${name} does not expand series: they are expanded here`, { provider: name });
  const onUnknownZone = (zone: string) =>
    log.info(
      'zone.unknown',
      `no time zone is known by the name ${JSON.stringify(zone)}: the most likely one is taken`,
      {
        provider: name,
      },
    );
  return {
    provider: new EwsProvider(name, pool, storePrivate, {
      people,
      ...{ onLocalExpansion, onUnknownZone },
      streaming: streamSettings(config),
    }),
    accounts: pool,
    ...{ people, moved, ewsUrl, config, host, users, connection },
  };
}

function streamSettings({ streaming }: ProviderConfig): StreamSettings | null {
  const { enabled, silenceSeconds, connectionMinutes } = streaming;
  return enabled ? { silenceMs: silenceSeconds * 1000, connectionMinutes } : null;
}

function opened(makeReader: MakeReader, options: EwsClientOptions): EwsCalendarReader {
  try {
    return makeReader(options);
  } catch (error) {
    if (!(error instanceof EwsOptionsError)) throw error;
    throw new FatalError('config', error.code, `calendarProviders, ${options.url}: ${error.message}`, { cause: error });
  }
}

function authority(name: string, ca: string | undefined): string | undefined {
  if (ca === undefined) return undefined;
  try {
    return readFileSync(ca, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const line = `calendarProviders, ${name}: the file ${ca} cannot be read by this user (${code}); check its path, owner and mode`;
    throw new FatalError('config', 'provider-ca-unreadable', line, { cause: error });
  }
}
