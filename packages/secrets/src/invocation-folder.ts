import { dirname } from 'node:path';

/**
 * The folder in which the user typed the command: relative paths of a command line start there. A script run with
 * `pnpm --filter` works in its package's folder instead and finds the user's in INIT_CWD.
 * @param cwd default: the process's working folder
 */
export function invocationFolder(env: NodeJS.ProcessEnv, cwd: string = process.cwd()): string {
  // INIT_CWD is inherited by grandchildren too; it counts only in the script's own process.
  const isPackageScript = env.npm_package_json !== undefined && dirname(env.npm_package_json) === cwd;
  return isPackageScript && env.INIT_CWD ? env.INIT_CWD : cwd;
}
