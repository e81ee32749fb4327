import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { decode } from './api-route.ts';
import { parseNewConference } from './conference-fields.ts';
import type { Act, ConferenceRecord } from './conference-store.ts';
import { appInput, joinInput, journalQuery, settingsInput, userInput } from './control-input.ts';
import { type Faults, faultInput } from './faults.ts';
import { readBody, sendJson } from './http-body.ts';
import type { Journal } from './journal.ts';
import type { ServerState } from './server-state.ts';

export interface ControlTargets {
  state: ServerState;
  journal: Journal;
  faults: Faults;
  routeNames: string[];
  /** Stops listening and cuts every connection, or listens on the same port again. */
  setOnline(online: boolean): Promise<void>;
  isOnline(): boolean;
}

interface Call {
  targets: ControlTargets;
  /** Path parts after `/control`. */
  id: string;
  action: string;
  query: URLSearchParams;
  body: unknown;
  signal: AbortSignal;
}

type Handler = (call: Call) => unknown;

const controlAct: Act = { cause: 'control', seq: null, note: () => undefined };

/** `METHOD thing`, `METHOD thing/:id` or `METHOD thing/:id/action`. */
const handlers: Record<string, Handler> = {
  'GET journal': readJournal,
  'DELETE journal': ({ targets }) => targets.journal.clear(),
  'GET state': describe,
  'POST reset': reset,
  'PATCH settings': changeSettings,
  'POST offline': ({ targets }) => targets.setOnline(false),
  'POST online': ({ targets }) => targets.setOnline(true),
  'GET users': ({ targets }) => ({ users: targets.state.users.all() }),
  'POST users': putUsers,
  'DELETE users/:id': ({ targets, id }) => found(targets.state.users.remove(id)),
  'POST apps': putApp,
  'DELETE tokens': ({ targets }) => ({ revoked: targets.state.tokens.revokeAll() }),
  'GET conferences': ({ targets }) => ({ conferences: targets.state.conferences.records.map(truth) }),
  'GET conferences/:id': oneConference,
  'POST conferences': createConference,
  'DELETE conferences/:id': ({ targets, id }) => targets.state.conferences.delete(conference(targets, id), controlAct),
  'POST conferences/:id/run': ({ targets, id }) => targets.state.conferences.run(conference(targets, id), controlAct),
  'POST conferences/:id/stop': ({ targets, id }) => targets.state.conferences.stop(conference(targets, id), controlAct),
  'POST conferences/:id/join': join,
  'GET faults': ({ targets }) => ({ faults: targets.faults.list().map((fault) => fault.describe()) }),
  'POST faults': addFault,
  'DELETE faults': ({ targets }) => targets.faults.clear(),
  'DELETE faults/:id': ({ targets, id }) => found(targets.faults.remove(Number(id))),
};

/** Serves `/control/...`; README.md lists the calls. */
export async function handleControl(
  targets: ControlTargets,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const url = new URL(request.url ?? '/', 'http://control.invalid');
    const [, root, thing = '', id = '', action = '', ...more] = url.pathname.split('/');
    const name = `${request.method} ${thing}${id && '/:id'}${action && `/${action}`}`;
    const handler = root === 'control' && more.length === 0 ? handlers[name] : undefined;
    if (handler === undefined)
      throw new ApiError(404, 'routeNotFound', `No control call ${request.method} ${url.pathname}`);
    // curl -d calls everything a form.
    const body = await readBody(request, true);
    const call = { targets, id: decode(id), action, query: url.searchParams, body, signal: gone.signal };
    sendJson(response, 200, (await handler(call)) ?? { ok: true });
  } catch (error) {
    sendError(response, error);
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const apiError = asApiError(error);
  sendJson(response, apiError.status, apiError.body(0));
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof z.ZodError) return new ApiError(400, 'invalidValue', z.prettifyError(error));
  return new ApiError(500, null, String(error));
}

async function readJournal({ targets, query, signal }: Call): Promise<unknown> {
  const { wait, settled, ...rest } = journalQuery.parse(Object.fromEntries(query));
  const filter = { ...rest, settled: settled === '1' };
  const entries = await targets.journal.waitFor(filter, wait, signal);
  return { entries, lastSeq: targets.journal.lastSeq };
}

function describe({ targets }: Call): unknown {
  const { state, journal } = targets;
  const records = state.conferences.records;
  const starts = records.flatMap((record) => record.stateChanges).filter((change) => change.to === 'running');
  return {
    serverId: state.serverId,
    online: targets.isOnline(),
    settings: { ...state.settings, tokenLifetimeSeconds: state.tokens.lifetimeSeconds },
    counts: {
      users: state.users.all().length,
      created: records.length,
      live: state.conferences.live().length,
      running: state.conferences.live().filter((record) => record.state === 'running').length,
      starts: starts.length,
      rings: records.reduce((sum, record) => sum + record.rings.length, 0),
    },
    lastSeq: journal.lastSeq,
    routes: targets.routeNames,
  };
}

function reset({ targets }: Call): void {
  targets.faults.clear();
  targets.journal.clear();
  targets.state.reset();
}

function changeSettings(call: Call): unknown {
  const { state } = call.targets;
  const { tokenLifetimeSeconds, ...settings } = settingsInput.parse(call.body);
  if (tokenLifetimeSeconds !== undefined) state.tokens.lifetimeSeconds = tokenLifetimeSeconds;
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  state.settings = { ...state.settings, ...given };
  return describe(call);
}

function putUsers({ targets, body }: Call): unknown {
  const users = z.union([userInput.transform((user) => [user]), z.array(userInput)]).parse(body);
  for (const user of users) targets.state.users.put(user);
  return { users: users.length };
}

function putApp({ targets, body }: Call): void {
  const app = appInput.parse(body);
  targets.state.apps.set(app.clientId, app);
}

/** The record with what tests count. */
function truth(record: ConferenceRecord): unknown {
  const { cid, fields, ...rest } = record;
  const starts = record.stateChanges.filter((change) => change.to === 'running').length;
  return { cid, ...fields, ...rest, starts };
}

function oneConference({ targets, id }: Call): unknown {
  const records = targets.state.conferences.records.filter((record) => record.cid === id);
  if (records.length === 0) throw new ApiError(404, 'conferenceNotFound', `There never was a conference ${id}`);
  return { cid: id, records: records.map(truth) };
}

function createConference({ targets, body }: Call): unknown {
  const input = parseNewConference(body);
  targets.state.users.require(input.owner);
  return { conference: truth(targets.state.conferences.create(input, controlAct)) };
}

function join({ targets, id, body }: Call): void {
  targets.state.conferences.join(conference(targets, id), joinInput.parse(body).ids);
}

function addFault({ targets, body }: Call): unknown {
  const input = faultInput.parse(body ?? {});
  if (input.route !== '*' && ![...targets.routeNames, 'unknown'].includes(input.route)) {
    throw new ApiError(400, 'invalidValue', `route has to be *, unknown or one of ${targets.routeNames.join(', ')}`);
  }
  return targets.faults.add(input).describe();
}

function conference(targets: ControlTargets, cid: string): ConferenceRecord {
  return targets.state.conferences.require(cid);
}

function found(wasThere: boolean): void {
  if (!wasThere) throw new ApiError(404, 'notFound', 'There is no such thing to remove');
}
