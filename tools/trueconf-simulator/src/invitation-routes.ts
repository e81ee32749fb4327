import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest, ApiRoute } from './api-route.ts';
import { reachable } from './conference-access.ts';
import { type InvitationFields, invitationFields, parseFields } from './conference-fields.ts';
import type { ServerState } from './server-state.ts';

const base = '/api/v4/conferences/{cid}/invitations';

/** The list of invited people of one conference. */
export const invitationRoutes: ApiRoute[] = [
  { name: 'invitations', method: 'GET', path: base, scope: 'conferences.invitations:read', handle: list },
  { name: 'addInvitation', method: 'POST', path: base, scope: 'conferences.invitations:write', handle: add },
  { name: 'getInvitation', method: 'GET', path: `${base}/{id}`, scope: 'conferences.invitations:read', handle: get },
  {
    name: 'renameInvitation',
    method: 'PATCH',
    path: `${base}/{id}`,
    scope: 'conferences.invitations:write',
    handle: rename,
  },
  {
    name: 'removeInvitation',
    method: 'DELETE',
    path: `${base}/{id}`,
    scope: 'conferences.invitations:write',
    handle: remove,
  },
];

/** With `unknownInvitees: refuse`, every local id has to be a user's. */
export function checkInvitees(state: ServerState, ids: string[]): void {
  if (state.settings.unknownInvitees === 'accept') return;
  for (const id of ids) if (!state.users.shortId(id).includes('@')) state.users.require(id);
}

function list(state: ServerState, request: ApiRequest): ApiReply {
  return { status: 200, body: { invitations: reachable(state, request).invitations } };
}

const addBody = z.object({ invitation: invitationFields });

function add(state: ServerState, request: ApiRequest): ApiReply {
  const record = reachable(state, request);
  const { id, display_name } = parseFields(addBody, request.body).invitation;
  checkInvitees(state, [id]);
  if (find(state, record.invitations, id)) {
    throw new ApiError(400, 'uniqueValueAlreadyInUse', 'Already invited', { type: 'body', name: 'invitation.id' });
  }
  // is_moderator is dropped here, as the real server does.
  const invitation: InvitationFields = { id, ...(display_name !== undefined && { display_name }) };
  record.invitations = [...record.invitations, invitation];
  request.act.note('invitations');
  return { status: 200, body: { invitation } };
}

function get(state: ServerState, request: ApiRequest): ApiReply {
  return { status: 200, body: { invitation: required(state, request) } };
}

const renameBody = z.object({ invitation: z.object({ display_name: z.string().min(1).max(256) }) });

function rename(state: ServerState, request: ApiRequest): ApiReply {
  const invitation = required(state, request);
  if (state.users.find(invitation.id)) throw new ApiError(403, 'forbidden', 'A registered user is not renamed here');
  invitation.display_name = parseFields(renameBody, request.body).invitation.display_name;
  request.act.note('invitations');
  return { status: 200, body: { invitation } };
}

function remove(state: ServerState, request: ApiRequest): ApiReply {
  const record = reachable(state, request);
  const gone = required(state, request);
  record.invitations = record.invitations.filter((invitation) => invitation !== gone);
  request.act.note('invitations');
  return state.settings.emptyReplies === '204' ? { status: 204 } : { status: 200, body: { id: gone.id } };
}

function required(state: ServerState, request: ApiRequest): InvitationFields {
  const found = find(state, reachable(state, request).invitations, request.params.id ?? '');
  if (found) return found;
  throw new ApiError(404, 'invitationNotFound', 'No such invitation', { type: 'path', name: 'invitation_id' });
}

function find(state: ServerState, invitations: InvitationFields[], id: string): InvitationFields | undefined {
  return invitations.find((one) => state.users.shortId(one.id) === state.users.shortId(id));
}
