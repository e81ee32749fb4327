import { ConfigError, ConfigInvalidError, type LoadedConfig, loadConfig } from 'connector-config';
import { FatalError } from './fatal-error.ts';

/** Loads the config. @throws FatalError (config) with one line for each mistake */
export function loadConfigOrFail(path: string): LoadedConfig {
  try {
    return loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigInvalidError) {
      const lines = error.problems.map((problem) => problem.message);
      throw new FatalError('config', error.code, lines, { cause: error });
    }
    if (error instanceof ConfigError) throw new FatalError('config', error.code, error.message, { cause: error });
    throw error;
  }
}
