import { type ChangeRow, type LogPosition, noticeLogRegression, readChanges, readLogHead } from 'calendar-db/changes';
import type { Queryable } from 'calendar-db/database';
import type { CalendarListener } from 'calendar-db/notifications';
import { type HealthState, type Logger, type RunningState, runLoop, type Service, spreadInterval } from 'worker-kit';

const ROWS_PER_READ = 5_000;
/** Known changes that stay unread for longer make the gateway unready. */
const MOST_BEHIND_MS = 10_000;
/** How long a request waits for the first position of a gateway that has just started. */
const READY_WITHIN_MS = 5_000;

export interface ChangeTailOptions {
  readonly database: Queryable;
  readonly listener: Pick<CalendarListener, 'onChange' | 'onConnected'>;
  readonly running: RunningState;
  readonly log: Logger;
  /** How often to read without being told; 0: never. */
  readonly safetyPollMs: () => number;
  /** Takes rows over, before the position moves past them. Must not wait. */
  readonly onRows: (rows: readonly ChangeRow[]) => void;
  /** The log cannot be continued from where it was: everybody has to look anew. Must not wait. */
  readonly onBreak: (reason: string) => void;
}

/** The change log is not known yet: the database was not reached since the start. */
export class TailNotReadyError extends Error {
  readonly code = 'change-log-not-read';

  constructor() {
    super('the change log was not read yet; the calendar database does not answer');
    this.name = new.target.name;
  }
}

/** Follows the change log, once per process: read when told, after every reconnect, and on a slow timer. */
export class ChangeTail implements Service {
  readonly id = 'change tail';
  readonly #options: ChangeTailOptions;
  #position: LogPosition | undefined;
  #heardOf = 0;
  #behindSince: number | undefined;
  #checkHead = true;
  #headCheckedAt = 0;
  #passes: Promise<void> = Promise.resolve();
  readonly #firstPosition: Promise<void>;
  #announceFirst: () => void = () => undefined;

  constructor(options: ChangeTailOptions) {
    this.#options = options;
    this.#firstPosition = new Promise((resolve) => {
      this.#announceFirst = resolve;
    });
    options.listener.onChange((head) => {
      if (head <= this.#heardOf) return;
      this.#heardOf = head;
      this.#behindSince ??= performance.now();
      options.running.wake();
    });
    options.listener.onConnected(() => {
      this.#checkHead = true;
      options.running.wake();
    });
  }

  /** Everything up to here was handed on; undefined until the database was reached. */
  get position(): LogPosition | undefined {
    return this.#position;
  }

  /** For how long (ms) changes are known that were not read; 0 when there are none. */
  get behindMs(): number {
    return this.#behindSince === undefined ? 0 : performance.now() - this.#behindSince;
  }

  /** Whether changes reach clients. */
  health(): { readonly state: HealthState; readonly detail: string } {
    const { position, behindMs } = this;
    if (position === undefined) return { state: 'unready', detail: 'the change log was not read yet' };
    if (behindMs < MOST_BEHIND_MS) return { state: 'ok', detail: `read up to ${position.seq}` };
    return { state: 'unready', detail: `changes are known that were not read for ${Math.round(behindMs / 1000)} s` };
  }

  /** The position, waiting a little for the first one. @throws TailNotReadyError */
  async ready(): Promise<LogPosition> {
    if (this.#position === undefined) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, READY_WITHIN_MS);
      });
      await Promise.race([this.#firstPosition, late]).finally(() => clearTimeout(timer));
    }
    if (this.#position === undefined) throw new TailNotReadyError();
    return this.#position;
  }

  /** Reads on, so that the position is at least `seq` if the log goes so far. */
  async reach(seq: number): Promise<LogPosition> {
    const { seq: reached } = await this.ready();
    if (reached < seq) await this.#pass();
    return this.ready();
  }

  run(): Promise<void> {
    const { running, log, safetyPollMs } = this.#options;
    const every = () => spreadInterval(safetyPollMs() || Number.POSITIVE_INFINITY);
    return runLoop(running, log, { name: this.id, every, once: () => this.#pass() });
  }

  stop(): void {
    this.#options.running.stop();
  }

  /** One pass at a time, whoever asks for it. */
  #pass(): Promise<void> {
    const pass = this.#passes.then(() => this.#read());
    this.#passes = pass.catch(() => undefined);
    return pass;
  }

  async #read(): Promise<void> {
    const { database, safetyPollMs } = this.#options;
    const poll = safetyPollMs();
    const isDue = poll > 0 && performance.now() - this.#headCheckedAt >= poll;
    try {
      if (this.#checkHead || isDue || this.#position === undefined) await this.#compareHead();
      for (;;) {
        const position: LogPosition | undefined = this.#position;
        if (position === undefined) return;
        const rows = await readChanges(database, position.seq, ROWS_PER_READ);
        const last = rows.at(-1);
        if (last !== undefined) {
          this.#options.onRows(rows);
          this.#moveTo({ epoch: position.epoch, seq: last.seq });
        }
        if (rows.length < ROWS_PER_READ) break;
      }
      if ((this.#position?.seq ?? 0) >= this.#heardOf) this.#behindSince = undefined;
    } catch (error) {
      this.#checkHead = true;
      throw error;
    }
  }

  /** Whether the log that is there is the one that was read so far, and still holds what comes next. */
  async #compareHead(): Promise<void> {
    const { database, onBreak, log } = this.#options;
    this.#checkHead = false;
    let head = await readLogHead(database);
    this.#headCheckedAt = performance.now();
    const position = this.#position;
    if (position?.epoch === head.epoch && position.seq > head.head) {
      await noticeLogRegression(database, position);
      head = await readLogHead(database);
    }
    const isContinued = position?.epoch === head.epoch && position.seq >= head.pruned && position.seq <= head.head;
    if (isContinued) return;
    if (position !== undefined) {
      const facts = { from: position, to: { epoch: head.epoch, head: head.head, pruned: head.pruned } };
      log.warn('tail.broken', 'the change log is not the one that was followed; all clients start over', facts);
      onBreak('the calendar database was restored or replaced');
    }
    this.#heardOf = head.head;
    this.#behindSince = undefined;
    this.#moveTo({ epoch: head.epoch, seq: head.head });
  }

  #moveTo(position: LogPosition): void {
    this.#position = position;
    this.#announceFirst();
  }
}
