import { ConfigError, ConfigInvalidError, type LoadedConfig, loadConfig } from 'connector-config';
import { FatalError } from './fatal-error.ts';

/** Loads the config. @throws FatalError (config) with one line for each mistake and each unknown key */
export function loadConfigOrFail(path: string): LoadedConfig {
  try {
    return loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigInvalidError) {
      throw new FatalError('config', error.code, error.message.split('\n'), { cause: error });
    }
    if (error instanceof ConfigError) throw new FatalError('config', error.code, error.message, { cause: error });
    throw error;
  }
}
