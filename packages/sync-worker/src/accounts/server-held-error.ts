/** A call was not made, because the server, its accounts or the mailbox are being left alone for a while. */
export class ServerHeldError extends Error {
  readonly code = 'sync-server-held';
  /** Milliseconds from now until a call is allowed again. */
  readonly heldMs: number;
  /** What is being left alone. */
  readonly reach: 'server' | 'account' | 'mailbox';

  constructor(what: string, mailbox: string, heldMs: number, reach: 'server' | 'account' | 'mailbox' = 'server') {
    super(`${mailbox}: ${what} is left alone for ${Math.ceil(heldMs / 1000)} s more; an earlier line says why`);
    this.name = new.target.name;
    this.heldMs = heldMs;
    this.reach = reach;
  }
}
