/** The command that makes a value for `config.json`; every message about an unusable value names it. */
export const HASH_COMMAND = 'tc_calendar --hash_pass';

/** Anything wrong with an encrypted password or with the key file. Messages never hold a password, a value or key bytes. */
export abstract class SecretError extends Error {
  /** Stable, for logs and for callers that branch. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The password has no characters. */
export class EmptyPasswordError extends SecretError {
  readonly code = 'password-empty';
  constructor() {
    super('the password is empty; an empty password cannot be encrypted');
  }
}

/** The password holds something that cannot be kept exactly, or is longer than the limit. */
export class UnusablePasswordError extends SecretError {
  readonly code = 'password-unusable';
}

/** The value is plain text: it does not begin like an encrypted password. */
export class PasswordNotEncryptedError extends SecretError {
  readonly code = 'password-not-encrypted';
  constructor() {
    super(`the password is not encrypted; make an encrypted value with "${HASH_COMMAND}" and put that in its place`);
  }
}

/** The value begins like an encrypted password, but another program made it. */
export class ForeignPasswordError extends SecretError {
  readonly code = 'password-foreign';
  constructor() {
    super(
      'the encrypted password is not in the format of this connector (the vendor’s own program writes values that ' +
        `look alike, and those cannot be read here); make a new one with "${HASH_COMMAND}"`,
    );
  }
}

/** The value was encrypted with another key than the one in use. */
export class WrongKeyError extends SecretError {
  readonly code = 'password-wrong-key';
  /** Id of the key that encrypted the value. */
  readonly valueKeyId: string;
  /** Id of the key that was tried. */
  readonly keyId: string;
  constructor(valueKeyId: string, keyId: string) {
    super(
      `the password was encrypted with key ${valueKeyId}, but the key in use is ${keyId}; bring back the key file ` +
        `of ${valueKeyId}, or encrypt the password again with "${HASH_COMMAND}"`,
    );
    this.valueKeyId = valueKeyId;
    this.keyId = keyId;
  }
}

/** The value is of our format and key, but was changed or cut since it was made. */
export class PasswordCorruptedError extends SecretError {
  readonly code = 'password-corrupted';
  constructor() {
    super(
      'the encrypted password is damaged (cut off or altered when it was copied?); copy it again or make a new one ' +
        `with "${HASH_COMMAND}"`,
    );
  }
}

/** There is no key file where one is expected. */
export class KeyMissingError extends SecretError {
  readonly code = 'key-missing';
  readonly path: string;
  constructor(path: string) {
    super(
      `there is no key file at ${path}; restore it from a backup, name another with CALENDAR_KEY_FILE, or, on a ` +
        `first installation, let "${HASH_COMMAND}" create it`,
    );
    this.path = path;
  }
}

/** The key file exists and cannot be read or written by this user. */
export class KeyAccessError extends SecretError {
  readonly code = 'key-access';
  readonly path: string;
  constructor(path: string, action: 'read' | 'create', cause: unknown) {
    super(
      `the key file ${path} cannot be ${action === 'read' ? 'read' : 'created'} by this user ` +
        `(${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}); check its owner, group and mode and those of its folder`,
      { cause },
    );
    this.path = path;
  }
}

/** The key file is there and does not hold a key. */
export class KeyFormatError extends SecretError {
  readonly code = 'key-format';
  readonly path: string;
  constructor(path: string, found: string) {
    super(
      `the key file ${path} holds ${found}; wanted one line of base64 text that stands for 32 bytes (44 characters)`,
    );
    this.path = path;
  }
}

/** A key was to be created where one already is; nothing was changed. */
export class KeyExistsError extends SecretError {
  readonly code = 'key-exists';
  readonly path: string;
  constructor(path: string) {
    super(`there already is a key file at ${path}; it was left as it is`);
    this.path = path;
  }
}

/** A key was to be created although a config holds values of an earlier key, which then could never be read again. */
export class KeyLostError extends SecretError {
  readonly code = 'key-lost';
  readonly path: string;
  constructor(path: string, configPath: string, keyIds: readonly string[]) {
    super(
      `no key was created at ${path}, because ${configPath} already holds passwords encrypted with key ` +
        `${keyIds.join(', ')} and its key file is missing; restore that file, or, if it is lost for good, empty those ` +
        'passwords in the config, run this again and encrypt each of them anew',
    );
    this.path = path;
  }
}
