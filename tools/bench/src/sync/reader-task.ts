/** What a foreign reader is to read, given to it as a line of JSON on standard input. */
export interface ReaderTask {
  readonly ewsUrl: string;
  readonly login: string;
  readonly password: string;
  readonly mailboxes: readonly string[];
  /** The window, ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly settings: 'default' | 'best';
}

/** One mailbox read to its end; times in unix ms. */
export interface MailboxRead {
  readonly mailbox: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly occurrences: number;
  /** Names and texts that were really read, so that nobody wins by leaving them out. */
  readonly attendees: number;
  readonly bodyCharacters: number;
}

/** What a reader prints when it has read everything, after a line for each mailbox; it then waits for the end of its input. */
export const DONE = 'done';

/** What came of a reading. */
export interface ReaderResult {
  /** Mailboxes that were read to their end. */
  readonly reads: readonly MailboxRead[];
  readonly peakMemoryBytes: number;
  readonly cpuMs: number;
}
