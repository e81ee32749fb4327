import { type LoadedKey, loadKey, locateKeyFile } from 'secrets';

/**
 * Reads the key that belongs to a config, as every worker does at start. Workers never create one.
 * @param configPath the config in use, absolute
 * @throws SecretError: KeyMissingError, KeyAccessError or KeyFormatError, each naming the file and what to do
 */
export function loadConnectorKey(configPath: string, env: NodeJS.ProcessEnv): LoadedKey {
  return loadKey(locateKeyFile({ configPath, env, purpose: 'read' }).path);
}
