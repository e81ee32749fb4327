import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { decode } from './api-route.ts';
import { appInput, joinInput, journalQuery, settingsInput, userInput } from './control-input.ts';
import type { FaultInput } from './faults.ts';
import { readBody, sendJson } from './http-body.ts';
import type { SimulatorControl } from './simulator-control.ts';

interface Call {
  control: SimulatorControl;
  /** Path parts after `/control`. */
  id: string;
  action: string;
  query: URLSearchParams;
  body: unknown;
  signal: AbortSignal;
}

type Handler = (call: Call) => unknown;

/** `METHOD thing`, `METHOD thing/:id` or `METHOD thing/:id/action`. */
const handlers: Record<string, Handler> = {
  'GET journal': readJournal,
  'DELETE journal': ({ control }) => control.clearJournal(),
  'GET state': ({ control }) => control.describe(),
  'POST forget': ({ control }) => control.forget(),
  'POST reset': ({ control }) => control.reset(),
  'PATCH settings': changeSettings,
  'POST offline': ({ control }) => control.setOnline(false),
  'POST online': ({ control }) => control.setOnline(true),
  'GET users': ({ control }) => ({ users: control.users() }),
  'POST users': putUsers,
  'DELETE users/:id': ({ control, id }) => found(control.removeUser(id)),
  'POST apps': ({ control, body }) => control.putApp(appInput.parse(body)),
  'DELETE tokens': ({ control }) => ({ revoked: control.revokeTokens() }),
  'GET conferences': ({ control }) => ({ conferences: control.conferences() }),
  'GET conferences/:id': oneConference,
  'POST conferences': ({ control, body }) => ({ conference: control.createConference(body) }),
  'DELETE conferences/:id': ({ control, id }) => control.deleteConference(id),
  'POST conferences/:id/run': ({ control, id }) => control.runConference(id),
  'POST conferences/:id/stop': ({ control, id }) => control.stopConference(id),
  'POST conferences/:id/join': ({ control, id, body }) => control.joinConference(id, joinInput.parse(body).ids),
  'GET faults': ({ control }) => ({ faults: control.faults().map((fault) => fault.describe()) }),
  'POST faults': ({ control, body }) => control.addFault((body ?? {}) as Partial<FaultInput>).describe(),
  'DELETE faults': ({ control }) => control.clearFaults(),
  'DELETE faults/:id': ({ control, id }) => found(control.removeFault(Number(id))),
};

/** Serves `/control/...`; README.md lists the calls. */
export async function handleControl(
  control: SimulatorControl,
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
    const call = { control, id: decode(id), action, query: url.searchParams, body, signal: gone.signal };
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

async function readJournal({ control, query, signal }: Call): Promise<unknown> {
  const { wait, settled, ...rest } = journalQuery.parse(Object.fromEntries(query));
  const filter = { ...rest, settled: settled === '1' };
  const entries = await control.waitForRequests(filter, wait, signal);
  return { entries, lastSeq: control.lastSeq };
}

function changeSettings({ control, body }: Call): unknown {
  control.changeSettings(settingsInput.parse(body));
  return control.describe();
}

function putUsers({ control, body }: Call): unknown {
  const users = z.union([userInput.transform((user) => [user]), z.array(userInput)]).parse(body);
  for (const user of users) control.putUser(user);
  return { users: users.length };
}

function oneConference({ control, id }: Call): unknown {
  const records = control.conferences().filter(({ cid }) => cid === id);
  if (records.length === 0) throw new ApiError(404, 'conferenceNotFound', `There never was a conference ${id}`);
  return { cid: id, records };
}

function found(wasThere: boolean): void {
  if (!wasThere) throw new ApiError(404, 'notFound', 'There is no such thing to remove');
}
