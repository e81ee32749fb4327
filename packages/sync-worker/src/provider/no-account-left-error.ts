/** Every impersonation account of a provider was refused by Exchange. */
export class NoAccountLeftError extends Error {
  readonly code = 'sync-no-account-left';

  constructor(provider: string, mailbox: string) {
    super(
      `${mailbox}: no account of ${provider} is usable; Exchange refused them all, see the earlier credential.stopped lines`,
    );
    this.name = new.target.name;
  }
}
