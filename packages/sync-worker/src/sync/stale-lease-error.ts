/** The result of a sync came too late: its lease ran out, or somebody else moved the sync state meanwhile. */
export class StaleLeaseError extends Error {
  readonly code = 'sync-stale-lease';

  constructor(mailbox: string) {
    super(`${mailbox}: another worker has taken this mailbox over; the result of this sync was not applied`);
    this.name = new.target.name;
  }
}
