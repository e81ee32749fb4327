export {
  decryptPassword,
  ENCRYPTED_PREFIX,
  encryptPassword,
  MAX_PASSWORD_BYTES,
  type PasswordForm,
  passwordForm,
} from './encrypted-password.ts';
export { invocationFolder } from './invocation-folder.ts';
export { type CreateKeyOptions, createKey, type LoadedKey, loadKey } from './key-file.ts';
export {
  INSTALL_ROOT,
  INSTALLED_CONFIG,
  type KeyFileLocation,
  type KeyFileSource,
  type LocateKeyFileOptions,
  locateKeyFile,
} from './locate-key-file.ts';
export {
  EmptyPasswordError,
  ForeignPasswordError,
  HASH_COMMAND,
  KeyAccessError,
  KeyExistsError,
  KeyFormatError,
  KeyLostError,
  KeyMissingError,
  PasswordCorruptedError,
  PasswordNotEncryptedError,
  SecretError,
  UnusablePasswordError,
  WrongKeyError,
} from './secret-errors.ts';
export { KEY_BYTES, SecretKey } from './secret-key.ts';
