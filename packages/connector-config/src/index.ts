/** The key that decrypts a config's values, loaded only by who needs one; encrypting is for generated configs. */
export { encryptPassword, type LoadedKey, loadKey, locateKeyFile, SecretError, SecretKey } from 'secrets';
export {
  ConfigError,
  ConfigFileError,
  ConfigInvalidError,
  type ConfigLocation,
  type ConfigProblem,
  SecretUnreadableError,
} from './config-errors.ts';
export { configJsonSchema, type SchemaNode } from './config-json-schema.ts';
export { type ConfigPathOptions, resolveConfigPath } from './config-path.ts';
export type {
  CacheConfig,
  ConferencesConfig,
  ConnectorConfig,
  CredentialConfig,
  DatabaseConfig,
  DatabaseConnectionConfig,
  GatewayConfig,
  GatewayLimits,
  LogConfig,
  OpsConfig,
  PrivacyConfig,
  ProductWhitelistConfig,
  ProviderConfig,
  SectionName,
  SyncConfig,
  TrueConfServerConfig,
} from './config-schema.ts';
export { diffReload, type ReloadDiff } from './diff-reload.ts';
export { EncryptedSecret } from './encrypted-secret.ts';
export { type LoadedConfig, loadConfig, parseConfig } from './load-config.ts';
export { renderConfigSchema, renderConfigurationDocs, SAMPLE_CONFIG } from './render-docs.ts';
export { sectionDigest, sectionDigests } from './section-digest.ts';
export { isWhitelisted, usableServers, type WhitelistedServer, whitelistedServers } from './whitelisted-servers.ts';
