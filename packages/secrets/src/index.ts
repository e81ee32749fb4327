export {
  decryptPassword,
  encryptPassword,
  type PasswordForm,
  passwordForm,
} from './encrypted-password.ts';
export { invocationFolder } from './invocation-folder.ts';
export { createKey, type LoadedKey, loadKey } from './key-file.ts';
export {
  INSTALLED_CONFIG,
  type KeyFileLocation,
  locateKeyFile,
} from './locate-key-file.ts';
export {
  HASH_COMMAND,
  KeyExistsError,
  KeyMissingError,
  SecretError,
} from './secret-errors.ts';
export { SecretKey } from './secret-key.ts';
