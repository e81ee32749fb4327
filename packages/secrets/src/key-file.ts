import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { passwordForm } from './encrypted-password.ts';
import { KeyAccessError, KeyExistsError, KeyFormatError, KeyLostError, KeyMissingError } from './secret-errors.ts';
import { KEY_BYTES, SecretKey } from './secret-key.ts';

const MAX_KEY_FILE_BYTES = 1024;

/** A key as read from its file. */
export type LoadedKey = {
  readonly key: SecretKey;
  readonly path: string;
  /** What the operator should put right though the key works, e.g. a file that everybody may read. One line each. */
  readonly warnings: readonly string[];
};

/**
 * Reads the key file: one line of base64 text (44 characters) that stands for 32 bytes, as `openssl rand -base64 32`
 * writes it. Text, so that it survives being kept in a password safe or on paper.
 * @throws KeyMissingError, KeyAccessError, KeyFormatError
 */
export function loadKey(path: string): LoadedKey {
  let file: number;
  try {
    // Not waiting for the other end, should it be a pipe.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw isErrno(error, 'ENOENT', 'ENOTDIR') ? new KeyMissingError(path) : new KeyAccessError(path, 'read', error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new KeyFormatError(path, 'no data (it is not a regular file)');
    if (stat.size > MAX_KEY_FILE_BYTES) throw new KeyFormatError(path, `${stat.size} bytes`);
    return { key: parseKey(readFileSync(file, 'latin1'), path), path, warnings: modeWarnings(path, stat.mode) };
  } finally {
    closeSync(file);
  }
}

/** How `createKey` protects the new file and what it checks first. */
export type CreateKeyOptions = {
  /** Configs whose encrypted values would become unreadable if this were not their key. Missing files are fine. */
  readonly configPaths?: readonly string[];
  /** Part of an installed tree: the group of the folder (the service's) may read the key, if root creates it. */
  readonly installed?: boolean;
  /** Create the folder (0700) if it is missing. Default: no, a wrong path shall not grow folders. */
  readonly makeFolder?: boolean;
};

/**
 * Creates a key file with a new random key, complete or not at all: the file appears under its name only when its bytes
 * are on disk, and an existing one is never touched. Only the password command and the installation call this.
 * Mode 0600; in an installed tree, created by root: 0640, root and the folder's group.
 * @throws KeyExistsError when there is one, KeyLostError when a config already holds encrypted values, KeyAccessError
 */
export function createKey(path: string, options: CreateKeyOptions = {}): SecretKey {
  for (const configPath of options.configPaths ?? []) refuseIfKeyWasLost(path, configPath);
  const bytes = randomBytes(KEY_BYTES);
  try {
    if (options.makeFolder) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    publishExclusively(path, `${bytes.toString('base64')}\n`, options.installed === true);
  } catch (error) {
    throw isErrno(error, 'EEXIST') ? new KeyExistsError(path) : new KeyAccessError(path, 'create', error);
  }
  return new SecretKey(bytes);
}

function parseKey(text: string, path: string): SecretKey {
  const line = text.trim();
  if (line === '') throw new KeyFormatError(path, 'nothing');
  const bytes = Buffer.from(line, 'base64');
  if (bytes.toString('base64') !== line)
    throw new KeyFormatError(path, `${text.length} bytes that are not base64 text`);
  if (bytes.length !== KEY_BYTES) throw new KeyFormatError(path, `base64 text of ${bytes.length} bytes`);
  return new SecretKey(bytes);
}

/** The mode bits say nothing on Windows, where the folder's access list protects the key. */
function modeWarnings(path: string, mode: number): string[] {
  if (process.platform === 'win32' || (mode & 0o027) === 0) return [];
  const who = mode & 0o007 ? 'everybody on this machine' : 'the whole group';
  const what = mode & 0o022 ? 'change' : 'read';
  const octal = (mode & 0o777).toString(8).padStart(3, '0');
  return [`the key file ${path} is too open: ${who} may ${what} it (mode ${octal}); run: chmod g-w,o= ${path}`];
}

function refuseIfKeyWasLost(keyPath: string, configPath: string): void {
  let text: string;
  try {
    text = readFileSync(configPath, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return;
    throw new KeyAccessError(configPath, 'read', error);
  }
  const keyIds = new Set<string>();
  for (const [, value] of text.matchAll(/"(dGNf[A-Za-z0-9+/=]*)"/g)) {
    const form = passwordForm(value ?? '');
    if (form.kind === 'encrypted') keyIds.add(form.keyId);
  }
  if (keyIds.size > 0) throw new KeyLostError(keyPath, configPath, [...keyIds]);
}

/**
 * Writes under a private name, then links: unlike creating the final name first, no reader ever meets an empty key, and
 * of two creators one wins.
 */
function publishExclusively(path: string, text: string, installed: boolean): void {
  const draft = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
    if (installed && process.getuid?.() === 0) shareWithServiceGroup(draft, dirname(path));
    linkSync(draft, path);
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
  syncFolder(dirname(path));
}

function shareWithServiceGroup(file: string, folder: string): void {
  chownSync(file, 0, statSync(folder).gid);
  chmodSync(file, 0o640);
}

/** The new name survives a power cut only when its folder is on disk too. Windows cannot open folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
