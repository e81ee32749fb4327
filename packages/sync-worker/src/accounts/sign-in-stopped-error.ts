/** The password was refused three times in a row. */
export class SignInStoppedError extends Error {
  readonly code = 'sync-sign-in-stopped';

  constructor(login: string) {
    super(`${login} is not used until its password changes: Exchange refused it three times in a row`);
    this.name = new.target.name;
  }
}
