import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  createKey,
  INSTALLED_CONFIG,
  invocationFolder,
  KeyExistsError,
  type KeyFileLocation,
  KeyMissingError,
  type LoadedKey,
  loadKey,
  locateKeyFile,
  type SecretKey,
} from 'secrets';

export type ObtainKeyOptions = {
  /** Value of `--config`. */
  readonly config: string | undefined;
  /** Value of `--key-file`. */
  readonly keyFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
};

/**
 * Reads the connector's key, creating it when there is none.
 * @returns the key and what the operator should know about its file
 * @throws SecretError of the key file
 */
export function obtainKey(options: ObtainKeyOptions): { key: SecretKey; notes: string[] } {
  const configPath = configInUse(options);
  const location = locate(options, configPath);
  try {
    return describe(loadKey(location.path), location);
  } catch (error) {
    if (!(error instanceof KeyMissingError)) throw error;
  }
  try {
    // Whatever config the values are meant for must not hold values of a key that is gone.
    const configPaths = new Set([...(configPath ? [configPath] : []), join(dirname(location.path), 'config.json')]);
    const { installed, source } = location;
    const key = createKey(location.path, { configPaths: [...configPaths], installed, makeFolder: source === 'user' });
    return { key, notes: createdNotes(location, key, configPath) };
  } catch (error) {
    // Somebody else created it in the same moment: theirs counts.
    if (error instanceof KeyExistsError) return describe(loadKey(location.path), location);
    throw error;
  }
}

function configInUse({ config, env }: ObtainKeyOptions): string | undefined {
  const installed = process.platform === 'win32' ? INSTALLED_CONFIG.win32 : INSTALLED_CONFIG.posix;
  const named = config || env.CALENDAR_CONFIG;
  if (named) return resolve(invocationFolder(env), named);
  return existsSync(installed) ? installed : undefined;
}

function locate({ keyFile, env }: ObtainKeyOptions, configPath: string | undefined): KeyFileLocation {
  if (keyFile) return { path: resolve(invocationFolder(env), keyFile), source: 'environment', installed: false };
  return locateKeyFile({ configPath, env, purpose: 'create' });
}

function describe(loaded: LoadedKey, { installed }: KeyFileLocation): { key: SecretKey; notes: string[] } {
  const where = installed ? [] : [`Key file: ${loaded.path} (key ${loaded.key.id})`];
  return { key: loaded.key, notes: [...where, ...loaded.warnings.map((warning) => `Warning: ${warning}`)] };
}

function createdNotes(location: KeyFileLocation, key: SecretKey, configPath: string | undefined): string[] {
  const notes = [
    `Created the key file ${location.path} (key ${key.id}). Back it up: without it the encrypted passwords cannot be read.`,
  ];
  if (configPath === undefined && location.source === 'user') {
    notes.push(
      'No config was named, so the key stands in your own configuration folder, where only workers of this user find it. ' +
        'Name the config with --config FILE to have the key beside it.',
    );
  }
  return notes;
}
