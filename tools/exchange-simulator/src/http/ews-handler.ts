import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { EwsError, schemaViolation } from '../ews-error.ts';
import { applyFault } from '../faults/apply-fault.ts';
import type { ActiveFault } from '../faults/fault-plan.ts';
import type { RequestContext } from '../operations/request-context.ts';
import { overrideCookie, type Route, routeHeaders } from '../routing/front-end.ts';
import { type RequestEnvelope, readEnvelope } from '../soap/read-envelope.ts';
import { contextOf, faultAnswer, messagesAnswer, runOperation } from '../soap-service.ts';
import type { Account } from '../store/account.ts';
import type { Spending } from '../throttling/budgets.ts';
import { type Answer, plainAnswer } from './answer.ts';
import type { EwsParts } from './ews-parts.ts';
import { accountOf, authFormOf, type Login } from './login/login.ts';
import { BodyTooLargeError, readBody } from './read-body.ts';

interface Reading {
  readonly envelope: RequestEnvelope | undefined;
  readonly refusal: EwsError | undefined;
}

interface Outcome {
  /** Undefined: cut the connection. */
  readonly answer: Answer | undefined;
  readonly login: Login | undefined;
  readonly mailbox: string | undefined;
  /** Id of the fault or outage that made the answer. */
  readonly struckBy: string | undefined;
  readonly spending: Spending | undefined;
}

/** Answers one HTTP request at the EWS URL and writes it into the journal. Never rejects. */
export async function handleEws(request: IncomingMessage, response: ServerResponse, parts: EwsParts): Promise<void> {
  const at = Date.now();
  const started = performance.now();
  const clientPort = request.socket.remotePort;
  const route = parts.frontEnd.route(
    { headers: request.headers, site: parts.site },
    parts.organization,
    parts.settings,
  );
  let body: Buffer = Buffer.alloc(0);
  let reading: Reading = { envelope: undefined, refusal: undefined };
  let outcome: Outcome;
  const calls = (parts.callsOfSockets.get(request.socket) ?? 0) + 1;
  parts.callsOfSockets.set(request.socket, calls);
  try {
    body = await readBody(request, parts.settings.bodyLimit);
    reading = read(body);
    const refused = calls === 2 && parts.settings.personality.faultsOnSecondCall;
    outcome = refused ? secondCallFault(parts) : await answerRequest(request, reading, route, parts);
  } catch (error) {
    const answer = unexpected(error, parts);
    outcome = { answer, login: undefined, mailbox: undefined, struckBy: undefined, spending: undefined };
  }
  const { answer } = outcome;
  const packet = answer && pack(request, answer);
  const header = (name: string) => request.headers[name]?.toString();
  parts.journal.add({
    at,
    operation: reading.envelope?.operation.name,
    mailbox: outcome.mailbox,
    account: outcome.login?.account?.name,
    authForm: outcome.login?.form ?? authFormOf(request.headers.authorization),
    login: outcome.login?.outcome ?? 'none',
    userAgent: header('user-agent'),
    anchorMailbox: header('x-anchormailbox'),
    site: parts.site,
    users: undefined,
    backEnd: route.backEnd.name,
    routedBy: route.by,
    clientRequestId: header('client-request-id'),
    version: reading.envelope?.version,
    status: answer?.status ?? 0,
    responseCodes: answer?.responseCodes ?? [],
    fault: outcome.struckBy,
    budget: outcome.spending?.budget,
    running: outcome.spending?.running,
    slowedMs: outcome.spending?.slowedMs,
    ms: Math.round((performance.now() - started) * 10) / 10,
    requestBytes: body.length,
    responseBytes: packet?.bytes.length ?? 0,
    clientPort,
  });
  // After the journal, so that whoever has the answer finds its entry.
  if (answer === undefined || packet === undefined) response.destroy();
  else send(request, response, answer, packet, route, parts.organization.now());
}

/** What a server answers that can take one request per connection and does not say so. */
function secondCallFault({ settings }: EwsParts): Outcome {
  const error = new EwsError('ErrorInternalServerError', 'An internal server error occurred.', { fault: true });
  const answer = faultAnswer(error, settings);
  const ending = { ...answer, headers: { ...answer.headers, connection: 'close' } };
  return { answer: ending, login: undefined, mailbox: undefined, struckBy: undefined, spending: undefined };
}

function read(body: Buffer): Reading {
  try {
    return { envelope: readEnvelope(new TextDecoder('utf-8', { fatal: true }).decode(body)), refusal: undefined };
  } catch (error) {
    if (error instanceof EwsError) return { envelope: undefined, refusal: error };
    if (error instanceof TypeError)
      return { envelope: undefined, refusal: schemaViolation('The body is not UTF-8.', 0, 0) };
    throw error;
  }
}

async function answerRequest(
  request: IncomingMessage,
  { envelope, refusal }: Reading,
  route: Route,
  parts: EwsParts,
): Promise<Outcome> {
  const { organization, settings } = parts;
  const login = parts.authenticator.login(request);
  // The first leg of an NTLM login carries nothing of EWS that a fault could strike.
  if (login.outcome === 'challenged') {
    const answer = plainAnswer(401, login.refusal);
    return { answer, login, mailbox: undefined, struckBy: undefined, spending: undefined };
  }
  const account = accountOf(login);
  const named = envelope?.impersonation?.value ?? account?.mailbox;
  const target = named === undefined ? undefined : organization.mailboxByAnyAddress(named);
  const mailbox = target?.identity.address ?? named;
  const caller = { login, mailbox };
  const outage = parts.outages.refuse(target);
  if (outage !== undefined) return { ...caller, answer: outage.answer, struckBy: outage.id, spending: undefined };
  const work = async (spending?: Spending): Promise<Outcome> => {
    const fault = parts.faults.strike(envelope?.operation.name, mailbox);
    const answer = await answerCaller(request, { envelope, refusal }, route, parts, login, fault);
    return { ...caller, answer, struckBy: fault?.id, spending };
  };
  if (account === undefined || envelope === undefined) return work();
  const budget = envelope.impersonation === undefined ? account.name : (mailbox ?? account.name);
  try {
    return await parts.budgets.spend(budget, envelope.operation.name, work);
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    const spending = { budget, running: 0, slowedMs: 0 };
    return { ...caller, answer: faultAnswer(error, settings), struckBy: undefined, spending };
  }
}

/** The answer to somebody who got as far as the server's own work; undefined cuts the connection. */
async function answerCaller(
  request: IncomingMessage,
  { envelope, refusal }: Reading,
  route: Route,
  parts: EwsParts,
  login: Login,
  fault: ActiveFault | undefined,
): Promise<Answer | undefined> {
  const { settings } = parts;
  const account = accountOf(login);
  if (fault !== undefined && fault.rule.delayMs > 0) await sleep(fault.rule.delayMs, undefined, { ref: false });
  let context: RequestContext | undefined;
  const run = () => {
    if (envelope === undefined) throw refusal ?? schemaViolation('The request is empty.', 0, 0);
    context = contextOf(parts, account!, envelope, route);
    return runOperation(envelope, context);
  };
  try {
    const operation = envelope?.operation.name ?? '';
    if (fault !== undefined && (account !== undefined || !needsLogin(fault))) {
      const answer = applyFault(fault.rule.action, operation, run, settings);
      return answer && complete(answer, operation, context, request);
    }
    const early = refuseTransport(request, account, login);
    return early ?? complete(messagesAnswer(operation, run(), settings), operation, context, request);
  } catch (error) {
    if (error instanceof EwsError) return faultAnswer(error, settings);
    throw error;
  }
}

/** Adds what goes beyond the response messages: the stream of a GetStreamingEvents, the affinity cookie of a Subscribe. */
function complete(
  answer: Answer,
  operation: string,
  context: RequestContext | undefined,
  request: IncomingMessage,
): Answer {
  if (context === undefined || answer.shortened !== undefined || answer.responseCodes[0] !== 'NoError') return answer;
  const { route, opening } = context;
  if (opening.stream !== undefined) return { ...answer, stream: opening.stream };
  if (operation !== 'Subscribe' || !route.prefersAffinity || route.by === 'cookie') return answer;
  const cookie = overrideCookie(route.backEnd, 'encrypted' in request.socket);
  return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } };
}

/** These faults show the result of the operation, which nobody gets without a login. */
function needsLogin({ rule }: ActiveFault): boolean {
  return (
    !['http', 'html', 'soapFault'].includes(rule.action.form) &&
    !(rule.action.form === 'cut' && rule.action.afterOperation !== true)
  );
}

function refuseTransport(request: IncomingMessage, account: Account | undefined, login: Login): Answer | undefined {
  if (account === undefined) return plainAnswer(401, login.refusal);
  if (request.method !== 'POST') return plainAnswer(405, { allow: 'POST' });
  const type = request.headers['content-type'] ?? '';
  return /^text\/xml\b/i.test(type) ? undefined : plainAnswer(415);
}

function unexpected(error: unknown, { settings }: EwsParts): Answer {
  if (error instanceof BodyTooLargeError) return { ...plainAnswer(413), headers: { connection: 'close' } };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return faultAnswer(
    new EwsError('ErrorInternalServerError', `The simulator failed: ${message}`, { fault: true }),
    settings,
  );
}

/** The bytes of an answer as they go over the wire. */
interface Packet {
  readonly bytes: Buffer;
  /** Content-Length to state, which a cut answer does not fulfil. */
  readonly declared: number;
  readonly zipped: boolean;
}

function pack(request: IncomingMessage, answer: Answer): Packet {
  const zipped = answer.body.length > 2048 && /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
  const body = zipped ? gzipSync(answer.body, { level: 1 }) : Buffer.from(answer.body);
  const { shortened } = answer;
  const bytes = shortened === undefined ? body : body.subarray(0, shortened.bytes);
  return { bytes, declared: shortened?.ending === 'cut' ? body.length : bytes.length, zipped };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  packet: Packet,
  route: Route,
  now: number,
): void {
  response.statusCode = answer.status;
  // Clients read the server's clock here, which the control API can shift.
  response.setHeader('date', new Date(now).toUTCString());
  for (const [name, value] of Object.entries(answer.headers)) {
    response.setHeader(name, name === 'www-authenticate' ? value.split('\n') : value);
  }
  for (const [name, value] of Object.entries(exchangeHeaders(request, route))) response.setHeader(name, value);
  if (answer.stream !== undefined) {
    answer.stream.open(response, answer.body);
    return;
  }
  if (packet.zipped) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-length', packet.declared);
  if (answer.shortened?.ending !== 'cut') {
    response.end(packet.bytes);
    return;
  }
  response.flushHeaders();
  if (packet.bytes.length === 0) response.destroy();
  else response.write(packet.bytes, () => response.destroy());
}

function exchangeHeaders(request: IncomingMessage, route: Route): Record<string, string> {
  const headers: Record<string, string> = { 'request-id': randomUUID(), ...routeHeaders(route) };
  const clientRequestId = request.headers['client-request-id']?.toString();
  const wanted = request.headers['return-client-request-id']?.toString() === 'true';
  return wanted && clientRequestId !== undefined ? { ...headers, 'client-request-id': clientRequestId } : headers;
}
