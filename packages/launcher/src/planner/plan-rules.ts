import { createHash } from 'node:crypto';
import { type ConferencesConfig, type ConnectorConfig, sectionDigests, usableServers } from 'connector-config';

/** A TrueConf Server that conferences may be planned on. */
export interface PlanServer {
  readonly serverId: string;
  /** Host, with the port if the address names one. */
  readonly host: string;
  readonly addressDomains: readonly string[];
  /** Explicit: canonical address → TrueConf ID. */
  readonly users: Readonly<Record<string, string>>;
}

/** Everything besides the event that decides what is planned for it. */
export interface PlanRules {
  readonly conferences: ConferencesConfig;
  readonly launchConference: boolean;
  readonly temporalConfParticipantsMode: boolean;
  readonly storePrivate: boolean;
  readonly privateTopic: string;
  /** In the order of the configuration, which is the order of preference. */
  readonly servers: readonly PlanServer[];
  readonly whitelist: readonly string[];
  /** Canonical addresses of all mailboxes that are read. */
  readonly users: ReadonlySet<string>;
  /** Nothing that began before is started; null while nothing is started at all. */
  readonly launchingSinceMs: number | null;
}

const SECTIONS = [
  'conferences',
  'launchConference',
  'temporalConfParticipantsMode',
  'privacy',
  'trueconfServers',
  'productWhitelist',
  'calendarProviders',
] as const;

/** The rules as the configuration has them. */
export function planRules(config: ConnectorConfig, launchingSince: Date | null): PlanRules {
  return {
    conferences: config.conferences,
    launchConference: config.launchConference,
    temporalConfParticipantsMode: config.temporalConfParticipantsMode,
    storePrivate: config.privacy.storePrivate,
    privateTopic: config.privacy.privateTopic,
    servers: usableServers(config).map(({ serverId, url, addressDomains, users }) => ({
      serverId,
      host: new URL(url).host,
      addressDomains,
      users,
    })),
    whitelist: config.productWhitelist.tcs,
    users: new Set(config.calendarProviders.flatMap((provider) => provider.users)),
    launchingSinceMs: launchingSince?.getTime() ?? null,
  };
}

/** Whether conferences may be started at all by this configuration. */
export function mayLaunch(config: ConnectorConfig): boolean {
  return config.launchConference && !config.conferences.dryRun;
}

const digests = new WeakMap<ConnectorConfig, string>();

/**
 * Names the rules that a configuration makes: another digest means that everything is to be planned again. Computed once
 * per configuration object, since it goes through all addresses.
 * @param version of this build, because another one may plan otherwise
 */
export function rulesDigest(config: ConnectorConfig, version: string): string {
  let digest = digests.get(config);
  if (digest === undefined) {
    digest = createHash('sha256')
      .update(JSON.stringify(sectionDigests(config, SECTIONS)))
      .digest('hex');
    digests.set(config, digest);
  }
  return `${version}:${digest}`;
}
