import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest, ApiRoute } from './api-route.ts';
import { owned, reachable } from './conference-access.ts';
import { parseConferencePatch, parseFields, parseNewConference } from './conference-fields.ts';
import { listConferences } from './conference-list.ts';
import { type ConferenceReply, conferenceReply } from './conference-reply.ts';
import type { ConferenceRecord } from './conference-store.ts';
import { checkInvitees } from './invitation-routes.ts';
import type { ServerState } from './server-state.ts';

const base = '/api/v4/conferences';

/** Conferences: create, read, change, delete, and run, stop, call people. */
export const conferenceRoutes: ApiRoute[] = [
  { name: 'create', method: 'POST', path: base, scope: 'conferences:write', handle: create },
  { name: 'list', method: 'GET', path: base, scope: 'conferences:read', handle: listConferences },
  { name: 'get', method: 'GET', path: `${base}/{cid}`, scope: 'conferences:read', handle: get },
  { name: 'update', method: 'PATCH', path: `${base}/{cid}`, scope: 'conferences:write', handle: update },
  { name: 'delete', method: 'DELETE', path: `${base}/{cid}`, scope: 'conferences:write', handle: remove },
  { name: 'run', method: 'POST', path: `${base}/{cid}/run`, scope: 'conferences:write', handle: run },
  { name: 'stop', method: 'POST', path: `${base}/{cid}/stop`, scope: 'conferences:write', handle: stop },
  { name: 'invite', method: 'POST', path: `${base}/{cid}/invite`, scope: 'conferences:write', handle: invite },
  {
    name: 'participants',
    method: 'GET',
    path: `${base}/{cid}/participants`,
    scope: 'conferences.participants:read',
    handle: participants,
  },
];

function envelope(state: ServerState, record: ConferenceRecord): { conference: ConferenceReply } {
  return { conference: conferenceReply(state, record) };
}

function empty(state: ServerState, body: unknown): ApiReply {
  return state.settings.emptyReplies === '204' ? { status: 204 } : { status: 200, body };
}

function create(state: ServerState, request: ApiRequest): ApiReply {
  const input = parseNewConference(request.body);
  state.users.require(input.owner);
  checkInvitees(
    state,
    input.invitations.map(({ id }) => id),
  );
  return { status: 200, body: envelope(state, state.conferences.create(input, request.act)) };
}

function get(state: ServerState, request: ApiRequest): ApiReply {
  return { status: 200, body: envelope(state, reachable(state, request)) };
}

function update(state: ServerState, request: ApiRequest): ApiReply {
  const record = owned(state, request);
  const patch = parseConferencePatch(request.body);
  if (patch.owner !== undefined) state.users.require(patch.owner);
  const changed = Object.keys(patch);
  if (record.state === 'running' && changed.some((name) => name !== 'description')) {
    throw new ApiError(400, 'conferenceAlreadyRunning', 'Only the description can be changed while it runs');
  }
  state.conferences.update(record, patch, request.act);
  return { status: 200, body: envelope(state, record) };
}

function remove(state: ServerState, request: ApiRequest): ApiReply {
  const record = owned(state, request);
  state.conferences.delete(record, request.act);
  return empty(state, { id: record.cid });
}

function run(state: ServerState, request: ApiRequest): ApiReply {
  const record = owned(state, request);
  const accepted = record.state === 'running' && state.settings.runWhenRunning === 'accept';
  if (!accepted) state.conferences.run(record, request.act);
  return empty(state, { state: record.state });
}

function stop(state: ServerState, request: ApiRequest): ApiReply {
  const record = owned(state, request);
  state.conferences.stop(record, request.act);
  return empty(state, { state: record.state });
}

const inviteBody = z.object({ participants: z.array(z.string().min(1).max(256)).min(1).max(10_000) });

function invite(state: ServerState, request: ApiRequest): ApiReply {
  const record = owned(state, request);
  const { participants: ids } = parseFields(inviteBody, request.body);
  state.conferences.invite(record, ids, request.act);
  return empty(state, {});
}

function participants(state: ServerState, request: ApiRequest): ApiReply {
  const record = reachable(state, request);
  const list = record.participants.map(({ callId, joinedAtMs }, index) => ({
    id: `conn-${index + 1}`,
    call_id: callId,
    display_name: state.users.find(callId)?.displayName ?? callId,
    flag: 2,
    join_time: new Date(joinedAtMs).toISOString(),
    leave_time: null,
  }));
  return { status: 200, body: { cnt: list.length, list } };
}
