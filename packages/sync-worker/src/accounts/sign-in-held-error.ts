/** The password may have been refused, by attempts whose end nobody saw. */
export class SignInHeldError extends Error {
  readonly code = 'sync-sign-in-held';
  /** Milliseconds until that is forgotten. */
  readonly waitMs: number;

  constructor(login: string, waitMs: number) {
    super(
      `${login} is not used for ${Math.ceil(waitMs / 1000)} s: attempts whose end nobody saw may have been refused`,
    );
    this.name = new.target.name;
    this.waitMs = waitMs;
  }
}
