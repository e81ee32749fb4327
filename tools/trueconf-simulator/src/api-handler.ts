import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import { type ApiReply, type ApiRoute, type RouteMatch, RouteTable } from './api-route.ts';
import { conferenceRoutes } from './conference-routes.ts';
import type { Act } from './conference-store.ts';
import type { Fault, Faults } from './faults.ts';
import { contentType, readBody, sendJson } from './http-body.ts';
import { invitationRoutes } from './invitation-routes.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { ServerState } from './server-state.ts';
import { tokenRoutes } from './token-routes.ts';
import type { Caller } from './token-store.ts';
import { provokeUniquenessRace } from './uniqueness-race.ts';
import { userRoutes } from './user-routes.ts';

/** A request on its way through the simulator. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  match: RouteMatch | null;
  entry: JournalEntry;
  body: unknown;
  bodyError: ApiError | null;
}

/** Answers the REST API: journal first, then faults, then the effect. */
export class ApiHandler {
  readonly #state: ServerState;
  readonly #journal: Journal;
  readonly #faults: Faults;
  readonly #now: () => number;
  readonly #routes = new RouteTable([...tokenRoutes, ...conferenceRoutes, ...invitationRoutes, ...userRoutes]);

  constructor(state: ServerState, journal: Journal, faults: Faults, now: () => number) {
    this.#state = state;
    this.#journal = journal;
    this.#faults = faults;
    this.#now = now;
  }

  get routeNames(): string[] {
    return this.#routes.names;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAtMs = this.#now();
    const exchange = await this.#open(request, response, arrivedAtMs);
    response.once('close', () => {
      this.#journal.settle(exchange.entry, response.writableFinished ? 'answered' : 'cut', this.#now());
    });
    // The client may have gone away while its body was read.
    if (response.destroyed) this.#journal.settle(exchange.entry, 'cut', this.#now());
    const fault = this.#faults.take(exchange.entry.route, exchange.entry.cid);
    if (fault === null) return this.#send(exchange, this.#apply(exchange));
    exchange.entry.fault = fault.id;
    await this.#handleFaulty(exchange, fault);
  }

  async #open(request: IncomingMessage, response: ServerResponse, arrivedAtMs: number): Promise<Exchange> {
    const url = new URL(request.url ?? '/', 'http://simulator.invalid');
    const method = request.method ?? 'GET';
    const match = this.#routes.match(method, url.pathname);
    let body: unknown;
    let bodyError: ApiError | null = null;
    try {
      body = await readBody(request);
    } catch (error) {
      bodyError = error instanceof ApiError ? error : new ApiError(400, 'invalidRequest', 'The body broke off');
    }
    const query = Object.fromEntries(url.searchParams);
    if (query.access_token !== undefined) query.access_token = '***';
    const entry = this.#journal.open({
      arrivedAtMs,
      method,
      path: url.pathname,
      query,
      route: match?.route.name ?? 'unknown',
      cid: match?.params.cid ?? createdId(match, body),
      body: body ?? null,
    });
    return { request, response, url, match, entry, body, bodyError };
  }

  async #handleFaulty(exchange: Exchange, fault: Fault): Promise<void> {
    const { input } = fault;
    const after = input.when === 'after';
    if (input.kind === 'revokeToken') this.#state.tokens.revoke(bearerToken(exchange));
    if (input.kind === 'uniquenessRace') provokeUniquenessRace(this.#state, exchange.body);
    const early = after ? this.#apply(exchange) : null;
    if (input.delayMs > 0) await sleep(input.delayMs);
    if (input.kind === 'cut') return this.#cut(exchange);
    if (input.kind === 'hang' || input.kind === 'hold') {
      await aborted(fault.released);
      if (input.kind === 'hang') return this.#cut(exchange);
    }
    const replaced = replacement(fault, exchange.entry.seq);
    if (replaced === null) return this.#send(exchange, early ?? this.#apply(exchange));
    exchange.response.setHeaders(new Map(Object.entries(input.headers)));
    this.#send(exchange, replaced);
  }

  /** Lets the request take effect; errors become answers. */
  #apply(exchange: Exchange): ApiReply {
    try {
      return this.#call(exchange);
    } catch (error) {
      const apiError = error instanceof ApiError ? error : new ApiError(500, null, 'Internal Server Error');
      if (!(error instanceof ApiError)) process.stderr.write(`trueconf-simulator: ${String(error)}\n`);
      return { status: apiError.status, body: apiError.body(exchange.entry.seq) };
    }
  }

  #call(exchange: Exchange): ApiReply {
    const { match, entry } = exchange;
    if (exchange.bodyError) throw exchange.bodyError;
    if (match === null) throw new ApiError(404, 'routeNotFound', 'No such route');
    const act: Act = { cause: 'api', seq: entry.seq, note: (transition) => entry.transitions.push(transition) };
    const reply = match.route.handle(this.#state, {
      params: match.params,
      query: exchange.url.searchParams,
      body: exchange.body,
      contentType: contentType(exchange.request),
      caller: this.#authorize(match.route, exchange),
      act,
    });
    if (match.route.name === 'create') entry.cid = cidOf(reply.body) ?? entry.cid;
    return reply;
  }

  #authorize(route: ApiRoute, exchange: Exchange): Caller | null {
    if (route.scope === null) return null;
    const caller = this.#state.tokens.check(bearerToken(exchange));
    if (caller === null) {
      throw exchange.url.pathname.startsWith('/api/v3')
        ? new ApiError(403, 'accessTokenInvalid', 'The access token is not valid')
        : new ApiError(401, null, 'Unauthorized');
    }
    const [umbrella] = route.scope.split(':');
    if (caller.scopes.some((scope) => scope === route.scope || scope === umbrella)) return caller;
    throw new ApiError(403, 'forbidden', `The token lacks the scope ${route.scope}`);
  }

  #send(exchange: Exchange, reply: ApiReply): void {
    const { response, entry } = exchange;
    if (response.destroyed) return;
    entry.status = reply.status;
    entry.reason = reasonOf(reply.body);
    if (typeof reply.body === 'string') {
      const type = reply.body.startsWith('<') ? 'text/html' : 'text/plain';
      response.writeHead(reply.status, { 'content-type': type }).end(reply.body);
    } else sendJson(response, reply.status, reply.body);
  }

  #cut(exchange: Exchange): void {
    exchange.request.socket.destroy();
    this.#journal.settle(exchange.entry, 'cut', this.#now());
  }
}

function replacement(fault: Fault, traceId: number): ApiReply | null {
  const { kind, body, reason } = fault.input;
  if (kind === 'html') {
    const status = fault.input.status ?? 502;
    return { status, body: `<html><head><title>${status}</title></head><body>Bad gateway</body></html>` };
  }
  if (kind === 'accessTokenInvalid') {
    return {
      status: 403,
      body: new ApiError(403, 'accessTokenInvalid', 'The access token is not valid').body(traceId),
    };
  }
  if (kind !== 'status') return null;
  const status = fault.input.status ?? 500;
  if (status === 204) return { status };
  return { status, body: body ?? new ApiError(status, reason ?? null, 'Injected fault').body(traceId) };
}

function bearerToken(exchange: Exchange): string {
  const header = exchange.request.headers.authorization ?? '';
  return header.startsWith('Bearer ') ? header.slice(7).trim() : (exchange.url.searchParams.get('access_token') ?? '');
}

function createdId(match: RouteMatch | null, body: unknown): string | null {
  if (match?.route.name !== 'create' || typeof body !== 'object' || body === null) return null;
  return 'id' in body && typeof body.id === 'string' ? body.id : null;
}

function cidOf(body: unknown): string | null {
  const conference = (body as { conference?: { id?: unknown } } | undefined)?.conference;
  return typeof conference?.id === 'string' ? conference.id : null;
}

function reasonOf(body: unknown): string | null {
  const shape = body as { reason?: unknown; error?: { errors?: { reason?: unknown }[] } } | undefined;
  const reason = shape?.error?.errors?.[0]?.reason ?? shape?.reason;
  return typeof reason === 'string' ? reason : null;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
