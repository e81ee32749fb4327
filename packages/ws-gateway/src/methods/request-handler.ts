import {
  type ClientMethod,
  clientMethods,
  describeIssues,
  isClientMethod,
  type MethodPayload,
  type MethodReply,
  type ReadFrame,
  type RequestFrame,
  readFrame,
} from 'gateway-protocol';
import { type Connection, ConnectionGoneError } from '../connections/connection.ts';
import { TailNotReadyError } from '../delivery/change-tail.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import { auth } from './auth.ts';
import { getEventById } from './get-event-by-id.ts';
import { getEvents } from './get-events.ts';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';
import { subscribeEvents } from './subscribe-events.ts';

type Methods = {
  readonly [M in ClientMethod]: (
    services: MethodServices,
    connection: Connection,
    payload: MethodPayload<M>,
  ) => Promise<MethodReply<M>>;
};

const methods: Methods = {
  auth,
  getEvents,
  getEventById,
  subscribeEvents,
  unsubscribeEvents: async (_services, connection) => {
    connection.unsubscribe();
    return { result: true };
  },
};

export interface RequestHandlerOptions {
  readonly services: MethodServices;
  readonly metrics: GatewayMetrics;
  /** A turn was given back, or a push acknowledged: there may be something to tell. */
  readonly onFree: (connection: Connection) => void;
}

/** Takes frames of clients: acknowledgements at once, requests one after the other. */
export class RequestHandler {
  readonly #options: RequestHandlerOptions;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
  }

  /** Never throws, whatever the frame. */
  receive(connection: Connection, text: string): void {
    const read = readFrame(text);
    if (read.kind === 'response') this.#acknowledge(connection, read.frame.id);
    else if (read.kind === 'request') this.#accept(connection, read.frame);
    else this.#reject(connection, read);
  }

  #acknowledge(connection: Connection, id: number): void {
    if (connection.window.acknowledge(id, performance.now())) this.#options.onFree(connection);
  }

  #reject(connection: Connection, read: ReadFrame & { kind: 'unreadable' | 'invalid' }): void {
    if (read.kind === 'unreadable') connection.close('notText', 'a frame has to be one JSON object');
    else if (read.id === undefined) connection.close('badEnvelope', read.problem);
    else if (this.#isWithinBudget(connection, read.id)) connection.refuse(read.id, 'badPayload', read.problem);
  }

  #accept(connection: Connection, frame: RequestFrame): void {
    if (!this.#isWithinBudget(connection, frame.id)) return;
    void this.#answer(connection, frame);
  }

  #isWithinBudget(connection: Connection, id: number): boolean {
    const verdict = connection.budget.take(performance.now(), this.#options.services.config().gateway.limits);
    if (verdict === 'refuse') connection.refuse(id, 'limitExceeded', 'too many requests; send fewer of them a second');
    if (verdict === 'close') connection.close('tooManyRequests', 'requests went on after many were refused');
    return verdict === 'grant';
  }

  /** Holds the connection's turn until the reply is out, so that replies and pushes come in the order of their data. */
  async #answer(connection: Connection, frame: RequestFrame): Promise<void> {
    await connection.turn.take();
    try {
      if (connection.isGone) return;
      const reply = await this.#call(connection, frame);
      this.#count(frame, connection.isGone ? 'gone' : 'ok');
      connection.respond(frame.id, reply);
    } catch (error) {
      if (error instanceof ConnectionGoneError) this.#count(frame, 'gone');
      else this.#refuse(connection, frame, error instanceof MethodError ? error : this.#internal(frame, error));
    } finally {
      connection.subscription?.release();
      connection.turn.give();
      this.#options.onFree(connection);
    }
  }

  #call(connection: Connection, { method, payload }: RequestFrame): Promise<object> {
    if (!isClientMethod(method)) throw new MethodError('unknownMethod', 'there is no such method');
    if (method !== 'auth' && connection.state.kind === 'opened') {
      throw new MethodError('notAuthorized', 'sign in with `auth` first');
    }
    return callMethod(method, this.#options.services, connection, payload);
  }

  #refuse(connection: Connection, frame: RequestFrame, { errorName, closeName, message }: MethodError): void {
    this.#count(frame, errorName);
    connection.refuse(frame.id, errorName, message);
    if (closeName !== undefined) connection.close(closeName, message);
  }

  #internal({ method }: RequestFrame, error: unknown): MethodError {
    this.#options.services.log.warn('gateway.request-failed', `a request could not be answered`, {
      method: isClientMethod(method) ? method : 'unknown',
      error,
    });
    const description =
      error instanceof TailNotReadyError ? error.message : 'the gateway could not do this; try again after a delay';
    return new MethodError('internalError', description);
  }

  #count({ method }: RequestFrame, outcome: string): void {
    this.#options.metrics.requests.inc({ method: isClientMethod(method) ? method : 'unknown', outcome });
  }
}

function callMethod<M extends ClientMethod>(
  method: M,
  services: MethodServices,
  connection: Connection,
  given: Record<string, unknown>,
): Promise<MethodReply<M>> {
  const parsed = clientMethods[method].payload.safeParse(given);
  if (!parsed.success) throw new MethodError('badPayload', describeIssues(parsed.error, 'payload'));
  return methods[method](services, connection, parsed.data as MethodPayload<M>);
}
