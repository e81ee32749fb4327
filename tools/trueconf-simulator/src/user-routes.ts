import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest, ApiRoute } from './api-route.ts';
import { parseFields } from './conference-fields.ts';
import type { ServerState } from './server-state.ts';
import type { SimulatedUser } from './simulator-options.ts';

/** Users: read by v3.x, created by v4. */
export const userRoutes: ApiRoute[] = [
  { name: 'users', method: 'GET', path: '/api/{v3}/users', scope: 'users:read', handle: list },
  { name: 'user', method: 'GET', path: '/api/{v3}/users/{id}', scope: 'users:read', handle: get },
  { name: 'createUser', method: 'POST', path: '/api/v4/users', scope: 'users:write', handle: create },
  { name: 'server', method: 'GET', path: '/api/v4/server', scope: null, handle: server },
];

function list(state: ServerState, request: ApiRequest): ApiReply {
  if (request.caller?.userId != null) throw new ApiError(403, 'forbidden', 'Only an application may list users');
  const { query } = request;
  const first = state.settings.firstUserPage;
  const page = pageNumber(query.get('page_id') ?? String(first));
  const size = Math.min(Math.max(pageNumber(query.get('page_size') ?? '20'), 1), 200);
  const found = state.users.all().filter((user) => matches(state, user, query));
  const from = Math.max(page - first, 0) * size;
  return {
    status: 200,
    body: {
      users: found.slice(from, from + size).map((user) => state.users.profile(user)),
      next_page_id: from + size < found.length ? Math.max(page, first) + 1 : -1,
    },
  };
}

function matches(state: ServerState, user: SimulatedUser, query: URLSearchParams): boolean {
  const profile = state.users.profile(user);
  return ['email', 'login_name', 'display_name'].every((name) => {
    const wanted = query.get(name)?.toLowerCase();
    if (wanted === undefined) return true;
    const value = String(profile[name]).toLowerCase();
    return name === 'email' && state.settings.emailFilter === 'equals' ? value === wanted : value.includes(wanted);
  });
}

function pageNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ApiError(400, 'invalidValue', 'page_id and page_size are whole numbers', {
    type: 'query',
    name: 'page_id',
  });
}

function get(state: ServerState, request: ApiRequest): ApiReply {
  const user = state.users.require(request.params.id ?? '');
  const callerId = request.caller?.userId;
  if (callerId != null && state.users.shortId(callerId) !== state.users.shortId(user.id)) {
    throw new ApiError(403, 'forbidden', 'Not your profile');
  }
  return { status: 200, body: { user: state.users.profile(user) } };
}

const newUser = z.object({
  id: z.string().regex(/^[^\s@/]{1,64}$/),
  email: z.string().max(254).optional(),
  display_name: z.string().max(256).optional(),
  password: z.string().min(1).max(256),
  is_active: z.union([z.boolean(), z.literal(0), z.literal(1)]).default(true),
});

function create(state: ServerState, request: ApiRequest): ApiReply {
  const input = parseFields(newUser, request.body);
  if (state.users.find(input.id)) {
    throw new ApiError(400, 'uniqueValueAlreadyInUse', 'The id is taken', { type: 'body', name: 'id' });
  }
  const user: SimulatedUser = {
    id: input.id,
    email: input.email,
    displayName: input.display_name,
    password: input.password,
    active: Boolean(input.is_active),
  };
  state.users.put(user);
  return { status: 200, body: { user: state.users.profile(user) } };
}

function server(state: ServerState): ApiReply {
  return { status: 200, body: { product: { display_name: state.serverId, version: '5.5.6.simulated' } } };
}
