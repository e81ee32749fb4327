import { inspect } from 'node:util';
import { decryptPassword, type PasswordForm, passwordForm, type SecretKey } from 'secrets';
import { type ConfigLocation, SecretUnreadableError } from './config-errors.ts';

/**
 * A password of the config, still encrypted. It prints as nothing but its kind; each process decrypts only what it needs.
 */
export class EncryptedSecret {
  readonly #text: string;
  readonly #location: ConfigLocation | undefined;

  constructor(text: string, location?: ConfigLocation) {
    this.#text = text;
    this.#location = location;
  }

  /** Whether it is of our format and which key made it. */
  get form(): PasswordForm {
    return passwordForm(this.#text);
  }

  /**
   * Decrypts it.
   * @throws SecretUnreadableError naming file, line and JSON path; its `code` and `cause` are those of the `secrets` error
   */
  reveal(key: SecretKey): string {
    try {
      return decryptPassword(this.#text, key);
    } catch (error) {
      throw new SecretUnreadableError(this.#location, error);
    }
  }

  /** The same secret, knowing where in the config it stands. */
  at(location: ConfigLocation): EncryptedSecret {
    return new EncryptedSecret(this.#text, location);
  }

  /** Whether the config's text is the same; two encryptions of one password differ. */
  sameTextAs(other: EncryptedSecret): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return '[encrypted]';
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
