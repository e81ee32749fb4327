import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest, ApiRoute } from './api-route.ts';
import { object } from './conference-fields.ts';
import type { ServerState } from './server-state.ts';
import type { OAuthApp } from './simulator-options.ts';

/** Stock application of the server, by which users sign in at the v3-style token endpoint. */
const stockUserApp: OAuthApp = {
  clientId: 'trueconf_server_users',
  clientSecret: '',
  scopes: ['conferences', 'users:read'],
};

const tokenRequest = z.object({
  grant_type: z.string(),
  client_id: z.string().default(''),
  client_secret: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
  refresh_token: z.string().default(''),
});

type TokenRequest = z.infer<typeof tokenRequest>;

/** The two token endpoints. The browser's `authorization_code` grant is not simulated. */
export const tokenRoutes: ApiRoute[] = [
  {
    name: 'token',
    method: 'POST',
    path: '/oauth2/v1/token',
    scope: null,
    handle: (state, request) => v1(state, request),
  },
  {
    name: 'token',
    method: 'POST',
    path: '/api/v4/oauth2/token',
    scope: null,
    handle: (state, request) => v4(state, request),
  },
];

/** Errors are flat here. */
function v1(state: ServerState, request: ApiRequest): ApiReply {
  try {
    const input = parse(request);
    if (input.grant_type === 'client_credentials') return clientCredentials(state, input);
    if (input.grant_type === 'password') {
      const app = input.client_id === stockUserApp.clientId ? stockUserApp : state.apps.get(input.client_id);
      return passwordGrant(state, input, app);
    }
    if (input.grant_type === 'refresh_token') return refresh(state, input);
    throw new ApiError(400, 'unsupported_grant_type', 'Unsupported grant type');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return {
      status: error.status,
      body: { code: error.status, reason: error.reason, error_description: error.message },
    };
  }
}

/** JSON only; errors have the usual shape. */
function v4(state: ServerState, request: ApiRequest): ApiReply {
  if (request.contentType !== 'application/json') throw new ApiError(400, 'invalidRequest', 'The body has to be JSON');
  const input = parse(request);
  if (input.grant_type === 'password') return passwordGrant(state, input, state.apps.get(input.client_id));
  if (input.grant_type === 'refresh_token') {
    requireApp(state, input);
    return refresh(state, input);
  }
  throw new ApiError(400, 'unsupported_grant_type', 'Unsupported grant type');
}

function parse(request: ApiRequest): TokenRequest {
  const parsed = tokenRequest.safeParse(object(request.body));
  if (parsed.success) return parsed.data;
  throw new ApiError(400, 'invalid_request', 'The request is not complete');
}

function requireApp(state: ServerState, input: TokenRequest): OAuthApp {
  const app = state.apps.get(input.client_id);
  if (app === undefined || app.clientSecret !== input.client_secret) {
    throw new ApiError(401, 'invalid_client', 'Unknown client or wrong secret');
  }
  return app;
}

function requireScopes(app: OAuthApp): string[] {
  if (app.scopes.length > 0) return app.scopes;
  throw new ApiError(400, 'invalidScope', 'The application has no scope');
}

function clientCredentials(state: ServerState, input: TokenRequest): ApiReply {
  const app = requireApp(state, input);
  const token = state.tokens.issue({ userId: null, clientId: app.clientId, scopes: requireScopes(app) });
  return { status: 200, body: token };
}

function passwordGrant(state: ServerState, input: TokenRequest, app: OAuthApp | undefined): ApiReply {
  if (app === undefined) throw new ApiError(401, 'invalid_client', 'Unknown client');
  const scopes = requireScopes(app);
  const user = state.users.findByPassword(input.username, input.password);
  if (user === undefined) throw new ApiError(401, 'InvalidCredentials', 'Wrong user name or password');
  return { status: 200, body: state.tokens.issue({ userId: user.id, clientId: app.clientId, scopes }) };
}

function refresh(state: ServerState, input: TokenRequest): ApiReply {
  const caller = state.tokens.takeRefresh(input.refresh_token);
  if (caller?.userId == null) throw new ApiError(400, 'invalid_grant', 'The refresh token is not valid');
  const user = state.users.find(caller.userId);
  if (user === undefined || user.active === false) throw new ApiError(400, 'invalid_grant', 'The user is not active');
  return { status: 200, body: state.tokens.issue(caller) };
}
