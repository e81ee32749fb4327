import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-route.ts';
import type { ConferenceRecord } from './conference-store.ts';
import type { ServerState } from './server-state.ts';

/** The conference of the path, if the caller may see it: a user reaches what they own or are invited to. */
export function reachable(state: ServerState, request: ApiRequest): ConferenceRecord {
  const record = state.conferences.require(request.params.cid ?? '');
  const userId = request.caller?.userId;
  if (userId != null && !concerns(state, record, userId)) throw new ApiError(403, 'forbidden', 'Not your conference');
  return record;
}

/** Whether this user owns the conference or is invited. */
export function concerns(state: ServerState, record: ConferenceRecord, userId: string): boolean {
  const user = state.users.shortId(userId);
  return [record.fields.owner, ...record.invitations.map(({ id }) => id)].some(
    (id) => state.users.shortId(id) === user,
  );
}

/** For what only the owner or an application may do. */
export function owned(state: ServerState, request: ApiRequest): ConferenceRecord {
  const record = reachable(state, request);
  const userId = request.caller?.userId;
  if (userId != null && state.users.shortId(record.fields.owner) !== state.users.shortId(userId)) {
    throw new ApiError(403, 'forbidden', 'Only the owner may do this');
  }
  return record;
}
