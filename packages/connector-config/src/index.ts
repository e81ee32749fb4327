/** The key that decrypts a config's values, loaded only by who needs one; encrypting is for generated configs. */
export { encryptPassword, loadKey, locateKeyFile, SecretError, SecretKey } from 'secrets';
export {
  ConfigError,
  ConfigInvalidError,
} from './config-errors.ts';
export { resolveConfigPath } from './config-path.ts';
export type {
  ConferencesConfig,
  ConnectorConfig,
  GatewayConfig,
  GatewayLimits,
  ProviderConfig,
  SectionName,
  TrueConfServerConfig,
} from './config-schema.ts';
export { diffReload } from './diff-reload.ts';
export { EncryptedSecret } from './encrypted-secret.ts';
export { type LoadedConfig, loadConfig } from './load-config.ts';
export { sectionDigests } from './section-digest.ts';
export { providerKey, type StreamNeed, streamNeeds } from './stream-need.ts';
export { usableServers, whitelistedServers } from './whitelisted-servers.ts';
