/** A sync ended because its mailbox is no longer this worker's: it goes away, or reads another configuration now. */
export class HandedBackError extends Error {
  readonly code = 'sync-handed-back';

  constructor(mailbox: string) {
    super(`${mailbox}: handed back to whoever synchronizes it next`);
    this.name = new.target.name;
  }
}
