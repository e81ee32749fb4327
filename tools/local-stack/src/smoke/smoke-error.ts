/** Something that the smoke run wanted to see did not happen. */
export class SmokeError extends Error {
  readonly code = 'smoke-failed';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
