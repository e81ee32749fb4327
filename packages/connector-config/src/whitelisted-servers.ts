import type { ConnectorConfig, TrueConfServerConfig } from './config-schema.ts';

/** A TrueConf Server that may use the connector. */
export type WhitelistedServer = {
  /** The entry of `productWhitelist.tcs` as it is written. */
  readonly entry: string;
  /** What is known about it; without this nobody signs in through it and no conference starts on it. */
  readonly server: TrueConfServerConfig | undefined;
};

/** Every entry of the whitelist with its server, in the whitelist's order. */
export function whitelistedServers(
  config: Pick<ConnectorConfig, 'productWhitelist' | 'trueconfServers'>,
): WhitelistedServer[] {
  return config.productWhitelist.tcs.map((entry) => ({
    entry,
    server: config.trueconfServers.find((server) => isEntryOf(entry, server)),
  }));
}

/** The servers that are both configured and whitelisted: the only ones to talk to. */
export function usableServers(
  config: Pick<ConnectorConfig, 'productWhitelist' | 'trueconfServers'>,
): TrueConfServerConfig[] {
  return config.trueconfServers.filter((server) => isWhitelisted(config, server));
}

export function isWhitelisted(
  config: Pick<ConnectorConfig, 'productWhitelist'>,
  server: TrueConfServerConfig,
): boolean {
  return config.productWhitelist.tcs.some((entry) => isEntryOf(entry, server));
}

/** An entry names a server by its id, with or without `#vcs`, or by the host of its address. */
function isEntryOf(entry: string, server: TrueConfServerConfig): boolean {
  const name = entry.replace(/#vcs$/i, '').replace(/\.$/, '').toLowerCase();
  const host = new URL(server.url).hostname.replace(/^\[(.*)\]$/, '$1');
  return name === server.serverId || name === host;
}
