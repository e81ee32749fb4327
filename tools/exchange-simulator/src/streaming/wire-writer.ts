import type { ServerResponse } from 'node:http';

/** Beyond this many bytes that a client does not read, its connection is cut. */
const BACKLOG_LIMIT = 16 * 1024 * 1024;

/** Writes an endless body, each envelope at once or in pieces of given sizes, every piece in a turn of its own. */
export class WireWriter {
  readonly #response: ServerResponse;
  readonly #pieceSizes: () => readonly number[];
  #waiting: Buffer = Buffer.alloc(0);
  #pieces = 0;
  #ending = false;
  #scheduled = false;

  /** @param pieceSizes sizes in bytes, used over and over; empty for no pieces */
  constructor(response: ServerResponse, pieceSizes: () => readonly number[]) {
    this.#response = response;
    this.#pieceSizes = pieceSizes;
    response.socket?.setNoDelay(true);
  }

  write(bytes: Buffer): void {
    if (this.#ending || this.#response.destroyed) return;
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (this.#response.writableLength + this.#waiting.length > BACKLOG_LIMIT) this.#response.destroy();
    else this.#pump();
  }

  /** Ends the body properly once everything is written. */
  end(): void {
    this.#ending = true;
    this.#pump();
  }

  #pump(): void {
    if (this.#scheduled || this.#response.destroyed) return;
    const sizes = this.#pieceSizes();
    const size = sizes.length === 0 ? this.#waiting.length : sizes[this.#pieces % sizes.length]!;
    const piece = this.#waiting.subarray(0, size);
    this.#waiting = this.#waiting.subarray(size);
    this.#pieces += 1;
    if (piece.length > 0) this.#response.write(piece);
    if (this.#waiting.length > 0) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#pump();
      });
    } else if (this.#ending) this.#response.end();
  }
}
