import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { invocationFolder } from './invocation-folder.ts';

/** Where installation puts the connector. A config inside it belongs to an installed tree. */
const INSTALL_ROOT = {
  posix: '/opt/trueconf/calendar',
  win32: 'C:\\Program Files\\TrueConf\\Calendar',
} as const;

/** The config of an installed tree. */
export const INSTALLED_CONFIG = {
  posix: `${INSTALL_ROOT.posix}/etc/calendar/config.json`,
  win32: `${INSTALL_ROOT.win32}\\config.json`,
} as const;

/** Which rule named the key file. */
type KeyFileSource = 'environment' | 'systemd' | 'beside-config' | 'user';

export type KeyFileLocation = {
  /** Absolute path; the file need not exist. */
  readonly path: string;
  readonly source: KeyFileSource;
  /** True when the file belongs to an installed tree. */
  readonly installed: boolean;
};

export type LocateKeyFileOptions = {
  /** The config in use; without one the key stands in the user's config folder. */
  readonly configPath?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Default: the running platform. */
  readonly platform?: NodeJS.Platform;
  /** `read` also finds the key that the password command made for this user without a config. Default `read`. */
  readonly purpose?: 'read' | 'create';
};

/**
 * Where the key file is or would be: CALENDAR_KEY_FILE, else the systemd credential `calendar-key`, else `secret.key`
 * beside the config, else `secret.key` in the user's config folder. Reads no file, only asks whether one exists.
 */
export function locateKeyFile(options: LocateKeyFileOptions): KeyFileLocation {
  const { configPath, env, platform = process.platform, purpose = 'read' } = options;
  const path = platform === 'win32' ? win32 : posix;
  const installed = configPath !== undefined && isInstalled(path.resolve(configPath), platform);
  if (env.CALENDAR_KEY_FILE)
    return { path: path.resolve(invocationFolder(env), env.CALENDAR_KEY_FILE), source: 'environment', installed };
  if (env.CREDENTIALS_DIRECTORY) {
    const credential = path.join(env.CREDENTIALS_DIRECTORY, 'calendar-key');
    if (existsSync(credential)) return { path: credential, source: 'systemd', installed };
  }
  const user: KeyFileLocation = {
    path: path.join(userFolder(env, platform), 'secret.key'),
    source: 'user',
    installed: false,
  };
  if (configPath === undefined) return user;
  const beside: KeyFileLocation = {
    path: path.join(path.dirname(path.resolve(configPath)), 'secret.key'),
    source: 'beside-config',
    installed,
  };
  if (purpose === 'read' && !installed && !existsSync(beside.path) && existsSync(user.path)) return user;
  return beside;
}

function isInstalled(configPath: string, platform: NodeJS.Platform): boolean {
  if (platform !== 'win32') return configPath.startsWith(`${INSTALL_ROOT.posix}/`);
  return configPath.toLowerCase().startsWith(`${INSTALL_ROOT.win32.toLowerCase()}\\`);
}

function userFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32')
    return win32.join(env.APPDATA ?? win32.join(homedir(), 'AppData', 'Roaming'), 'TrueConf Calendar');
  return posix.join(env.XDG_CONFIG_HOME || posix.join(env.HOME || homedir(), '.config'), 'trueconf-calendar');
}
