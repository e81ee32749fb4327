import { createWriteStream, type WriteStream } from 'node:fs';

/** What the request changed. */
export type Transition = 'created' | 'updated' | 'deleted' | 'started' | 'stopped' | 'rang' | 'invitations';

export interface JournalEntry {
  /** Order of arrival, from 1. */
  seq: number;
  /** Unix ms with a fraction, taken as soon as the request's head was read. */
  arrivedAtMs: number;
  finishedAtMs: number | null;
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, string>;
  /** Name of the route, as in `run`; `unknown` for none. */
  route: string;
  cid: string | null;
  /** Parsed body with passwords, secrets and tokens replaced by `***`. */
  body: unknown;
  /** HTTP status of the answer; null while pending and when the connection was cut. */
  status: number | null;
  reason: string | null;
  outcome: 'pending' | 'answered' | 'cut';
  /** Effects that were applied, whatever the client was told. */
  transitions: Transition[];
  /** Id of the fault that met this request. */
  fault: number | null;
}

export interface JournalFilter {
  after: number;
  route?: string | undefined;
  cid?: string | undefined;
  /** Ends the list before the first entry that is still pending, so that nothing is skipped by following `after`. */
  settled?: boolean | undefined;
  limit: number;
}

/** Bounded record of every request, in order of arrival. */
export class Journal {
  readonly #size: number;
  readonly #file: WriteStream | null;
  #entries: JournalEntry[] = [];
  #lastSeq = 0;
  #counts = new Map<string, number>();
  #waiters = new Set<() => void>();

  /** @param file appended to; an open or write failure is reported through `onFileError`, once per failure. */
  constructor(size: number, file: string | undefined, onFileError: (error: Error) => void) {
    this.#size = size;
    this.#file = file === undefined ? null : createWriteStream(file, { flags: 'a' });
    this.#file?.on('error', onFileError);
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  open(head: Pick<JournalEntry, 'arrivedAtMs' | 'method' | 'path' | 'query' | 'route' | 'cid' | 'body'>): JournalEntry {
    this.#lastSeq += 1;
    const entry: JournalEntry = {
      seq: this.#lastSeq,
      ...head,
      body: redact(head.body),
      finishedAtMs: null,
      status: null,
      reason: null,
      outcome: 'pending',
      transitions: [],
      fault: null,
    };
    this.#entries.push(entry);
    this.#counts.set(head.route, (this.#counts.get(head.route) ?? 0) + 1);
    // Cut in slices: shifting an array of 100 000 on every request would cost more than the request.
    if (this.#entries.length > this.#size * 1.1) this.#entries = this.#entries.slice(-this.#size);
    this.#wake();
    return entry;
  }

  settle(entry: JournalEntry, outcome: 'answered' | 'cut', finishedAtMs: number): void {
    if (entry.outcome !== 'pending') return;
    entry.outcome = outcome;
    entry.finishedAtMs = finishedAtMs;
    if (outcome === 'cut') entry.status = null;
    this.#file?.write(`${JSON.stringify(entry)}\n`);
    this.#wake();
  }

  list(filter: JournalFilter): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (const entry of this.#entries.slice(this.#indexAfter(filter.after))) {
      if (filter.route !== undefined && entry.route !== filter.route) continue;
      if (filter.cid !== undefined && entry.cid !== filter.cid) continue;
      if (filter.settled && entry.outcome === 'pending') break;
      found.push(entry);
      if (found.length === filter.limit) break;
    }
    return found;
  }

  /** The list as soon as it has an entry, or an empty one after `waitMs` or on abort. */
  async waitFor(filter: JournalFilter, waitMs: number, signal: AbortSignal): Promise<JournalEntry[]> {
    const over = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    for (;;) {
      const found = this.list(filter);
      if (found.length > 0 || over.aborted) return found;
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve);
        over.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Requests by route since the start or the last `clear`, also those whose entries were dropped to make room. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** Forgets the entries and counts; numbers go on, so that a reader's `after` stays valid. */
  clear(): void {
    this.#entries = [];
    this.#counts.clear();
  }

  async close(): Promise<void> {
    this.#wake();
    const file = this.#file;
    if (file !== null && !file.destroyed) await new Promise<void>((resolve) => file.end(() => resolve()));
  }

  #indexAfter(seq: number): number {
    const first = this.#entries[0]?.seq ?? 0;
    return Math.max(0, seq - first + 1);
  }

  #wake(): void {
    const waiting = this.#waiters;
    this.#waiters = new Set();
    for (const resolve of waiting) resolve();
  }
}

const secretFields = new Set([
  'password',
  'client_secret',
  'access_token',
  'refresh_token',
  'auth_code',
  'code',
  'token',
  'pin',
]);

/** A copy in which the values of secret fields are `***`. */
function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, secretFields.has(name) ? '***' : redact(inner)]),
  );
}
