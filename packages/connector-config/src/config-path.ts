import { posix, win32 } from 'node:path';
import { INSTALLED_CONFIG, invocationFolder } from 'secrets';

export type ConfigPathOptions = {
  /** The value of `--config`, if given. */
  readonly config?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Default: the running platform. */
  readonly platform?: NodeJS.Platform;
};

/** Which config to use: `--config`, else CALENDAR_CONFIG, else the installed one. An absolute path; no file is touched. */
export function resolveConfigPath(options: ConfigPathOptions): string {
  const { config, env, platform = process.platform } = options;
  const path = platform === 'win32' ? win32 : posix;
  const named = config || env.CALENDAR_CONFIG;
  if (named) return path.resolve(invocationFolder(env), named);
  return platform === 'win32' ? INSTALLED_CONFIG.win32 : INSTALLED_CONFIG.posix;
}
