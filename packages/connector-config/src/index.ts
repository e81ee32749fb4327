export {
  ConfigError,
  ConfigFileError,
  ConfigInvalidError,
  type ConfigLocation,
  type ConfigProblem,
  SecretUnreadableError,
} from './config-errors.ts';
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
export { EncryptedSecret } from './encrypted-secret.ts';
export { type LoadedConfig, loadConfig, parseConfig } from './load-config.ts';
