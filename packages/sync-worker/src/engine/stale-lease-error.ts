/** The result of a sync came too late: its lease ran out, or somebody else moved the sync state meanwhile. */
export class StaleLeaseError extends Error {
  readonly code = 'sync-stale-lease';

  constructor(mailbox: string) {
    super(
      `${mailbox}: the lease ran out or went to another worker; what this sync had not yet written is left to the next`,
    );
    this.name = new.target.name;
  }
}
