import type { CloseName, ErrorName } from 'gateway-protocol';

/** A request is refused with one of the protocol's error codes; the message is for the client's developer. */
export class MethodError extends Error {
  readonly code = 'request-refused';
  readonly errorName: ErrorName;
  /** The socket is closed after the answer. */
  readonly closeName: CloseName | undefined;

  constructor(errorName: ErrorName, description: string, closeName?: CloseName) {
    super(description);
    this.name = new.target.name;
    this.errorName = errorName;
    this.closeName = closeName;
  }
}
