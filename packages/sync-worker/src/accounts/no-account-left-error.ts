/** Every impersonation account of a provider was refused by Exchange. */
export class NoAccountLeftError extends Error {
  readonly code = 'sync-no-account-left';

  /** @param subject mailbox or sync group that needs one */
  constructor(provider: string, subject: string) {
    super(
      `${subject}: no account of ${provider} is usable; Exchange refused them all, see the earlier credential.stopped lines`,
    );
    this.name = new.target.name;
  }
}
