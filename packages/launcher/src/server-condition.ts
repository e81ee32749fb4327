import type { TrueConfError } from 'trueconf-client';
import type { Logger } from 'worker-kit';

/** So many failures in a row that concern the server as a whole make it count as away. */
const AWAY_AFTER = 3;
const FIRST_PAUSE_MS = 250;
/** Short, so that starts come soon after a server is back. */
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_ASKED_PAUSE_MS = 30_000;

/**
 * Whether a TrueConf Server answers. While it does not, one request at a time finds out, with growing pauses; people are
 * told once when it goes and once when it is back.
 */
export class ServerCondition {
  readonly #serverId: string;
  readonly #log: Logger;
  readonly #onChange: (isAway: boolean) => void;
  #failures = 0;
  #away: string | null = null;
  #pausedUntil = 0;

  constructor(serverId: string, log: Logger, onChange: (isAway: boolean) => void = () => undefined) {
    this.#serverId = serverId;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** What is wrong, in a sentence; null when nothing is. */
  get away(): string | null {
    return this.#away;
  }

  /** Milliseconds in which it is not to be asked. */
  pausedMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /** How many of `wanted` requests may go out. */
  allow(wanted: number): number {
    if (this.pausedMs() > 0) return 0;
    return this.#away === null ? wanted : Math.min(wanted, 1);
  }

  /** It answered, whatever it said. */
  answered(): void {
    this.#failures = 0;
    this.#pausedUntil = 0;
    if (this.#away === null) return;
    this.#away = null;
    this.#onChange(false);
    const message = `TrueConf Server ${this.#serverId} answers again`;
    this.#log.info('trueconf.server-back', message, { serverId: this.#serverId });
  }

  /** A request failed. What the server said about one conference only counts as an answer. */
  failed(error: TrueConfError): void {
    if (error.code === 'trueconf-aborted' || error.code === 'trueconf-closed') return;
    if (!concernsServer(error)) {
      this.answered();
      return;
    }
    this.#failures++;
    const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
    const isSure = error.errorClass !== 'transient' || this.#failures >= AWAY_AFTER;
    const asked = Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_PAUSE_MS);
    if (isSure || asked > 0) {
      this.#pausedUntil = performance.now() + Math.max(asked, full * (1 - Math.random() / 4));
    }
    if (isSure && this.#away === null) this.#tell(error);
  }

  #tell(error: TrueConfError): void {
    this.#away = error.message;
    this.#onChange(true);
    const message = `${error.message}; no conference starts there until it answers, other servers are not affected`;
    this.#log.error('trueconf.server-away', message, { serverId: this.#serverId, error });
  }
}

function concernsServer({ errorClass }: TrueConfError): boolean {
  return errorClass === 'transient' || errorClass === 'auth' || errorClass === 'config';
}
