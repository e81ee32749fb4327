import { describeErrorCode } from '../error-codes.ts';

/** The gateway answered a request with an error code. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly code = 'gateway-refusal';
  /** See `errorCodes`. */
  readonly errorCode: number;
  readonly method: string;

  constructor(method: string, errorCode: number, description: string | undefined) {
    const known = describeErrorCode(errorCode);
    super(
      `the gateway refused ${method} with ${errorCode}${known ? ` (${known.name})` : ''}: ${description ?? known?.whatToDo ?? 'no description'}`,
    );
    this.method = method;
    this.errorCode = errorCode;
  }
}

/** The connection ended, or was never there, before the answer came. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly code = 'connection-lost';
}

/** The gateway sent something that this protocol does not know. */
export class UnexpectedFrame extends Error {
  override readonly name = 'UnexpectedFrame';
  readonly code = 'unexpected-frame';
}
