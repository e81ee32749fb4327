import { hkdfSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

/** Length of the connector's key in bytes. */
export const KEY_BYTES = 32;

const LABEL_PREFIX = 'trueconf-calendar/v1/';

/**
 * The connector's key: 32 random bytes that cannot be printed, listed or serialized by accident. Nothing uses the
 * bytes directly; every purpose has a key of its own, see `derive`.
 */
export class SecretKey {
  readonly #bytes: Buffer;
  /** Eight hex digits that name the key without telling anything about it. */
  readonly id: string;

  /**
   * @param bytes exactly 32 bytes; copied
   * @throws RangeError on another length
   */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    this.#bytes = Buffer.from(bytes);
    this.id = this.derive('key-id', 4).toString('hex');
  }

  /** A new random key, for tests and for programs that keep none. Key files are made by `createKey`. */
  static generate(): SecretKey {
    return new SecretKey(randomBytes(KEY_BYTES));
  }

  /**
   * A key for one purpose (HKDF-SHA256, RFC 5869).
   * @param label names the purpose, e.g. `access-token`; different labels give unrelated keys
   * @param length in bytes, default 32
   */
  derive(label: string, length: number = KEY_BYTES): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', LABEL_PREFIX + label, length));
  }

  toString(): string {
    return `[SecretKey ${this.id}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
