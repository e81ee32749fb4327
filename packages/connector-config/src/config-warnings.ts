import { addressDomain } from 'calendar-model';
import { HASH_COMMAND } from 'secrets';
import type { ConfigProblem } from './config-errors.ts';
import { configJsonSchema } from './config-json-schema.ts';
import type { ConnectorConfig } from './config-schema.ts';
import type { ConfigText, JsonPath } from './config-text.ts';
import { writtenUsers } from './cross-checks.ts';
import { EncryptedSecret } from './encrypted-secret.ts';
import { isLoopbackHost } from './schema/field-types.ts';
import { findUnknownKeys } from './unknown-keys.ts';
import { isWhitelisted, whitelistedServers } from './whitelisted-servers.ts';

type Warn = (path: JsonPath, code: string, message: string) => void;

/** What works and is probably not meant, in the order of the file. */
export function configWarnings(config: ConnectorConfig, text: ConfigText): ConfigProblem[] {
  const warnings = unknownKeyWarnings(text);
  const warn: Warn = (path, code, message) => warnings.push(warningAt(text, path, code, message));
  warnUsers(text, warn);
  warnServers(config, warn);
  warnForeignPasswords(config, [], warn);
  warnProviders(config, warn);
  warnCleartext(config, warn);
  return warnings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Keys that have no effect, with the key that may have been meant. */
export function unknownKeyWarnings(text: ConfigText): ConfigProblem[] {
  return findUnknownKeys(text.value, configJsonSchema()).map(({ path, nearest }) => {
    const hint = nearest ? `; did you mean "${nearest}"?` : '';
    return warningAt(text, path, 'unknown-key', `this key is not known and has no effect${hint}`);
  });
}

function warningAt(text: ConfigText, path: JsonPath, code: string, message: string): ConfigProblem {
  const where = text.locate(path);
  return { ...where, code, message: `${where.file}:${where.line}: ${where.path}: ${message}` };
}

function warnUsers(text: ConfigText, warn: Warn): void {
  const seen = new Set<string>();
  for (const { address, provider, index } of writtenUsers(text.value)) {
    if (seen.has(address))
      warn(['calendarProviders', provider, 'users', index], 'repeated-user', `"${address}" is listed twice`);
    seen.add(address);
  }
}

function warnServers(config: ConnectorConfig, warn: Warn): void {
  const tcs: JsonPath = ['productWhitelist', 'tcs'];
  if (config.productWhitelist.tcs.length === 0) {
    warn(
      tcs,
      'whitelist-empty',
      'no TrueConf Server is listed: nobody can sign in and no conference starts; add your server’s id',
    );
  }
  for (const [index, { entry, server }] of whitelistedServers(config).entries()) {
    if (server) continue;
    const what = 'has no entry in trueconfServers: its people cannot sign in and no conference starts on it';
    warn(
      [...tcs, index],
      'server-not-configured',
      `"${entry}" ${what}; add {serverId, url, clientId, clientSecret, addressDomains} there`,
    );
  }
  for (const [index, server] of config.trueconfServers.entries()) {
    const path = ['trueconfServers', index] as const;
    if (!isWhitelisted(config, server)) {
      warn(
        [...path, 'serverId'],
        'server-not-whitelisted',
        `"${server.serverId}" is not in productWhitelist.tcs and is not used; add it there`,
      );
    }
    if (server.addressDomains.length === 0) {
      warn(
        [...path, 'addressDomains'],
        'no-address-domains',
        'no mail domain is listed, so nobody can sign in through this server',
      );
    }
    for (const address of Object.keys(server.users)) {
      if (server.addressDomains.includes(addressDomain(address))) continue;
      warn(
        [...path, 'users', address],
        'outside-address-domains',
        'the mailbox is outside addressDomains, so the entry has no effect',
      );
    }
  }
}

/** The vendor's values are no reason to refuse the file: the workers that need them say so when they need them. */
function warnForeignPasswords(value: unknown, path: JsonPath, warn: Warn): void {
  if (value instanceof EncryptedSecret) {
    if (value.form.kind !== 'foreign') return;
    const what = 'the encrypted password was made by another program (the vendor’s?) and cannot be read here';
    warn(path, 'foreign-password', `${what}; make a new one with "${HASH_COMMAND}"`);
  } else if (Array.isArray(value)) {
    for (const [index, child] of value.entries()) warnForeignPasswords(child, [...path, index], warn);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) warnForeignPasswords(child, [...path, key], warn);
  }
}

function warnProviders({ calendarProviders }: ConnectorConfig, warn: Warn): void {
  for (const [index, { auth, credentials, kerberos, oauth, tls }] of calendarProviders.entries()) {
    const path = ['calendarProviders', index] as const;
    if (auth !== 'oauth' && oauth !== undefined) {
      warn([...path, 'oauth'], 'oauth-unused', 'the section is used only with auth "oauth"');
    }
    if (auth !== 'kerberos' && auth !== 'auto' && kerberos !== undefined) {
      warn([...path, 'kerberos'], 'kerberos-unused', 'the section is used only with auth "kerberos" or "auto"');
    }
    if ((auth === 'oauth' || auth === 'kerberos') && credentials.length > 0) {
      warn([...path, 'credentials'], 'credentials-unused', `the accounts are not used: auth is "${auth}"`);
    }
    if (tls.minVersion === 'TLSv1' || tls.minVersion === 'TLSv1.1') {
      const message = `${tls.minVersion} is allowed, which can be broken; renew the server and take the key out`;
      warn([...path, 'tls', 'minVersion'], 'old-tls', message);
    }
  }
}

function warnCleartext(config: ConnectorConfig, warn: Warn): void {
  const { host } = config.dbConnectionConfig;
  if (config.database.ssl === false && !host.startsWith('/') && !isLoopbackHost(host)) {
    warn(
      ['dbConnectionConfig', 'host'],
      'database-cleartext',
      `the connection to ${host} is not encrypted; set database.ssl`,
    );
  }
  if (config.database.ca !== undefined && config.database.ssl !== 'verify-full') {
    warn(['database', 'ca'], 'ca-unused', 'the file is used only with database.ssl "verify-full"');
  }
  if (config.gateway.allowCleartext) {
    warn(['gateway', 'allowCleartext'], 'allow-cleartext', 'passwords are accepted over unencrypted connections');
  }
}
