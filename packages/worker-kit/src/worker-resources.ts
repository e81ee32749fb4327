import { readFileSync } from 'node:fs';
import type { DatabaseOptions } from 'calendar-db/database';
import {
  ConfigError,
  type ConnectorConfig,
  loadKey,
  locateKeyFile,
  SecretError,
  type SecretKey,
} from 'connector-config';
import { FatalError } from './fatal-error.ts';

/** Loads the key file at the first use and never again. */
export class KeyHolder {
  readonly #configPath: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #warn: (line: string) => void;
  #key: SecretKey | undefined;

  /** @param warn told what the operator should put right about a key file that works */
  constructor(configPath: string, env: NodeJS.ProcessEnv, warn: (line: string) => void) {
    this.#configPath = configPath;
    this.#env = env;
    this.#warn = warn;
  }

  get key(): SecretKey {
    return this.load();
  }

  /** @throws FatalError (key) when the file is missing, unreadable or no key */
  load(): SecretKey {
    if (this.#key) return this.#key;
    try {
      const { key, warnings } = loadKey(locateKeyFile({ configPath: this.#configPath, env: this.#env }).path);
      for (const warning of warnings) this.#warn(warning);
      this.#key = key;
      return key;
    } catch (error) {
      if (error instanceof SecretError) throw new FatalError('key', error.code, error.message, { cause: error });
      throw error;
    }
  }

  /** Id of the key if one was needed so far. */
  get loadedId(): string | null {
    return this.#key?.id ?? null;
  }
}

/**
 * How this process reaches the database by its config.
 * @param applicationName shown in `pg_stat_activity`
 * @param poolSize most connections at a time
 * @throws FatalError when the password cannot be decrypted or the authority's file cannot be read
 */
export function databaseOptions(
  config: ConnectorConfig,
  keys: KeyHolder,
  applicationName: string,
  poolSize: number,
): DatabaseOptions {
  const { host, port, user, database, password } = config.dbConnectionConfig;
  return {
    host,
    port,
    user,
    database,
    password: password === null ? '' : revealPassword(password, keys),
    ssl: sslOptions(config.database),
    poolSize,
    applicationName,
  };
}

/** The same for LISTEN, which must not go through a connection pooler. */
export function listenerOptions(config: ConnectorConfig, options: DatabaseOptions): DatabaseOptions {
  return { ...options, ...config.database.listen, applicationName: `${options.applicationName} listener` };
}

function revealPassword(
  password: NonNullable<ConnectorConfig['dbConnectionConfig']['password']>,
  keys: KeyHolder,
): string {
  const { key } = keys;
  try {
    return password.reveal(key);
  } catch (error) {
    if (error instanceof ConfigError) throw new FatalError('key', error.code, error.message, { cause: error });
    throw error;
  }
}

function sslOptions({ ssl, ca }: ConnectorConfig['database']): NonNullable<DatabaseOptions['ssl']> {
  if (ssl === false) return false;
  if (ssl === 'require') return { rejectUnauthorized: false };
  if (ca === undefined) return true;
  try {
    return { ca: readFileSync(ca, 'utf8') };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const line = `database.ca: the file ${ca} cannot be read by this user (${code}); check its path, owner and mode`;
    throw new FatalError('config', 'database-ca-unreadable', line, { cause: error });
  }
}
