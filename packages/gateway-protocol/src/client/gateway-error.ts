import { describeErrorCode } from '../error-codes.ts';

/** The gateway answered a request with an error code. */
export class GatewayRefusedError extends Error {
  readonly code = 'gateway-refusal';
  /** See `errorCodes`. */
  readonly errorCode: number;
  readonly method: string;

  constructor(method: string, errorCode: number, description: string | undefined) {
    const known = describeErrorCode(errorCode);
    super(
      `the gateway refused ${method} with ${errorCode}${known ? ` (${known.name})` : ''}: ${description ?? known?.whatToDo ?? 'no description'}`,
    );
    this.name = new.target.name;
    this.method = method;
    this.errorCode = errorCode;
  }
}

/** The connection ended, or was never there, before the answer came. */
export class ConnectionLostError extends Error {
  readonly code = 'connection-lost';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The gateway sent something that this protocol does not know. */
export class UnexpectedFrameError extends Error {
  readonly code = 'unexpected-frame';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
