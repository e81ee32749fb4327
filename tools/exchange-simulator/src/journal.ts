import type { AuthForm, LoginOutcome } from './http/login/login.ts';
import type { Route } from './routing/front-end.ts';

/** One request as the server saw it. No passwords, no bodies. */
export interface JournalEntry {
  readonly sequence: number;
  /** Unix ms of arrival, by the host's clock. */
  readonly at: number;
  readonly operation: string | undefined;
  /** Address of the mailbox that was acted for. */
  readonly mailbox: string | undefined;
  /** Whose login was accepted or refused. */
  readonly account: string | undefined;
  readonly authForm: AuthForm;
  /** A connection that NTLM logged in before is `kept`; a login attempt is `accepted` or `refused`. */
  readonly login: LoginOutcome;
  readonly userAgent: string | undefined;
  readonly anchorMailbox: string | undefined;
  /** Site that was asked; undefined: the first. */
  readonly site: string | undefined;
  /** How many users a call of Autodiscover named. */
  readonly users: number | undefined;
  /** Server that the front end chose, and by what. */
  readonly backEnd: string;
  readonly routedBy: Route['by'];
  readonly clientRequestId: string | undefined;
  readonly version: string | undefined;
  /** HTTP status; 0 when the connection was cut before one was sent. */
  readonly status: number;
  /** EWS response codes, one per response message or the one of the fault. */
  readonly responseCodes: readonly string[];
  readonly fault: string | undefined;
  /** Whose budget paid, how many of its requests were running with this one, and by how much it was slowed down. */
  readonly budget: string | undefined;
  readonly running: number | undefined;
  readonly slowedMs: number | undefined;
  /** Milliseconds from arrival until the answer was ready. */
  readonly ms: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The client's port, which tells connections apart. */
  readonly clientPort: number | undefined;
}

const CAPACITY = 50_000;

/** The last requests, oldest first. */
export class Journal {
  #entries: JournalEntry[] = [];
  #sequence = 0;

  add(entry: Omit<JournalEntry, 'sequence'>): void {
    this.#sequence += 1;
    this.#entries.push({ sequence: this.#sequence, ...entry });
    if (this.#entries.length > CAPACITY) this.#entries.splice(0, CAPACITY / 10);
  }

  /** Entries after a sequence number. */
  after(sequence: number): JournalEntry[] {
    return this.#entries.filter((entry) => entry.sequence > sequence);
  }

  /** Forgets the entries; sequence numbers go on. */
  clear(): void {
    this.#entries = [];
  }
}
