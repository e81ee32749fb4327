/** A control request that cannot be served; becomes the HTTP status and `{error}`. */
export class ControlError extends Error {
  readonly code = 'control-refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = new.target.name;
    this.status = status;
  }
}
