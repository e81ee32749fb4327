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
import { TailNotReadyError } from '../delivery/change-tail.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { GatewayServices } from '../gateway-services.ts';
import type { Session } from '../socket/session.ts';
import { auth } from './auth.ts';
import { getEventById } from './get-event-by-id.ts';
import { getEvents } from './get-events.ts';
import { MethodError } from './method-error.ts';
import { releaseSubscription, subscribeEvents } from './subscribe-events.ts';

type Methods = {
  readonly [M in ClientMethod]: (
    services: GatewayServices,
    session: Session,
    payload: MethodPayload<M>,
  ) => Promise<MethodReply<M>>;
};

const methods: Methods = {
  auth,
  getEvents,
  getEventById,
  subscribeEvents,
  unsubscribeEvents: async (_services, session) => {
    session.subscription = undefined;
    return { result: true };
  },
};

export interface RequestHandlerOptions {
  readonly services: GatewayServices;
  readonly metrics: GatewayMetrics;
  /** A turn was given back, or a push acknowledged: there may be something to tell. */
  readonly onFree: (session: Session) => void;
}

/** Takes frames of clients: acknowledgements at once, requests one after the other. */
export class RequestHandler {
  readonly #options: RequestHandlerOptions;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
  }

  /** Never throws, whatever the frame. */
  receive(session: Session, text: string): void {
    const read = readFrame(text);
    if (read.kind === 'response') this.#acknowledge(session, read.frame.id);
    else if (read.kind === 'request') this.#accept(session, read.frame);
    else this.#reject(session, read);
  }

  #acknowledge(session: Session, id: number): void {
    if (session.window.acknowledge(id, performance.now())) this.#options.onFree(session);
  }

  #reject(session: Session, read: ReadFrame & { kind: 'unreadable' | 'invalid' }): void {
    if (read.kind === 'unreadable') session.close('notText', 'a frame has to be one JSON object');
    else if (read.id === undefined) session.close('badEnvelope', read.problem);
    else if (this.#isWithinBudget(session, read.id)) session.refuse(read.id, 'badPayload', read.problem);
  }

  #accept(session: Session, frame: RequestFrame): void {
    if (!this.#isWithinBudget(session, frame.id)) return;
    void this.#answer(session, frame);
  }

  #isWithinBudget(session: Session, id: number): boolean {
    const verdict = session.budget.take(performance.now(), this.#options.services.config().gateway.limits);
    if (verdict === 'refuse') session.refuse(id, 'limitExceeded', 'too many requests; send fewer of them a second');
    if (verdict === 'close') session.close('tooManyRequests', 'requests went on after many were refused');
    return verdict === 'grant';
  }

  /** Holds the socket's turn until the reply is out, so that replies and pushes come in the order of what they tell. */
  async #answer(session: Session, frame: RequestFrame): Promise<void> {
    await session.turn.take();
    try {
      if (session.closed) return;
      const reply = await this.#call(session, frame);
      session.respond(frame.id, reply);
      this.#count(frame, 'ok');
    } catch (error) {
      const refusal = error instanceof MethodError ? error : this.#internal(frame, error);
      session.refuse(frame.id, refusal.errorName, refusal.message);
      if (refusal.closeName !== undefined) session.close(refusal.closeName, refusal.message);
      this.#count(frame, refusal.errorName);
    } finally {
      releaseSubscription(session);
      session.turn.give();
      this.#options.onFree(session);
    }
  }

  #call(session: Session, { method, payload }: RequestFrame): Promise<object> {
    if (!isClientMethod(method)) throw new MethodError('unknownMethod', 'there is no such method');
    if (method !== 'auth' && session.identity === undefined) {
      throw new MethodError('notAuthorized', 'sign in with `auth` first');
    }
    return callMethod(method, this.#options.services, session, payload);
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
  services: GatewayServices,
  session: Session,
  given: Record<string, unknown>,
): Promise<MethodReply<M>> {
  const parsed = clientMethods[method].payload.safeParse(given);
  if (!parsed.success) throw new MethodError('badPayload', describeIssues(parsed.error, 'payload'));
  return methods[method](services, session, parsed.data as MethodPayload<M>);
}
