import { afterEach, describe, expect, test } from 'vitest';
import { apiError, type ScriptedReply, ScriptedServer, type SeenRequest } from './testing/scripted-server.ts';
import { TrueConfClient } from './trueconf-client.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

interface Profile {
  id: string;
  login_name?: string;
  email?: string | null;
  is_active?: number | boolean;
  status?: number;
}

/** Serves these users (filters are ignored, as a lenient server might) and answers the password grants. */
async function serverWith(users: Profile[], passwordGrant?: (request: SeenRequest) => ScriptedReply) {
  const server = await ScriptedServer.start((request) => {
    const isPassword = request.body.includes('password');
    if (request.path.endsWith('/token') && isPassword) return passwordGrant?.(request) ?? apiError(500);
    if (request.path === '/oauth2/v1/token') return { status: 200, json: { access_token: 't', expires_in: 3600 } };
    if (request.path === '/api/v3.11/users') return { status: 200, json: { users, next_page_id: -1 } };
    const user = users.find(({ id }) => request.path === `/api/v3.11/users/${id}`);
    return user ? { status: 200, json: { user } } : apiError(404, 'userNotFound');
  });
  const client = new TrueConfClient({ serverId: 'conf.example', url: server.url, clientId: 'c', clientSecret: 's' });
  cleanups.push(
    () => client.close(),
    () => server.close(),
  );
  return { server, client };
}

describe('findUsersByEmail', () => {
  test('compares whole addresses without case, whatever the server filtered', async () => {
    const { client } = await serverWith([
      { id: 'anna', email: 'Anna@Corp.Example' },
      { id: 'joanna', email: 'joanna@corp.example' },
      { id: 'anna2', email: 'anna@corp.example' },
      { id: 'nobody', email: null },
    ]);
    expect((await client.findUsersByEmail('ANNA@corp.example')).map(({ id }) => id)).toEqual(['anna', 'anna2']);
    expect(await client.findUsersByEmail('')).toEqual([]);
  });
});

describe('getUser', () => {
  test('reads both spellings of activity', async () => {
    const { client } = await serverWith([
      { id: 'a', is_active: 1 },
      { id: 'b', is_active: false },
      { id: 'c', status: -2 },
      { id: 'd', status: 0 },
    ]);
    const active = await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => (await client.getUser(id))?.isActive));
    expect(active).toEqual([true, false, false, true]);
  });

  test('takes the full id with an instance, and answers null for a stranger', async () => {
    const { client, server } = await serverWith([{ id: 'anna' }]);
    expect(await client.getUser('Anna@conf.example/7')).toMatchObject({ id: 'anna' });
    expect(await client.getUser('zed')).toBeNull();
    expect(await client.getUser('..')).toBeNull();
    expect(await client.getUser('')).toBeNull();
    expect(server.calls).toEqual(['GET /api/v3.11/users/anna', 'GET /api/v3.11/users/zed']);
  });
});

describe('listUsers', () => {
  test('follows next_page_id and stops when a page comes round again', async () => {
    const pages: Record<string, unknown> = {
      first: { users: [{ id: 'a' }], next_page_id: 5 },
      '5': { users: [{ id: 'b' }], next_page_id: '7' },
      '7': { users: [{ id: 'c' }], next_page_id: 5 },
    };
    const server = await ScriptedServer.start((request) =>
      request.path === '/oauth2/v1/token'
        ? { status: 200, json: { access_token: 't', expires_in: 3600 } }
        : { status: 200, json: pages[request.query.page_id ?? 'first'] },
    );
    const client = new TrueConfClient({ serverId: 'conf.example', url: server.url, clientId: 'c', clientSecret: 's' });
    cleanups.push(
      () => client.close(),
      () => server.close(),
    );
    const ids: string[] = [];
    for await (const user of client.listUsers()) ids.push(user.id);
    expect(ids).toEqual(['a', 'b', 'c']);
  });
});

describe('verifyPassword', () => {
  const granted: ScriptedReply = { status: 200, json: { access_token: 'user-token', expires_in: 3600 } };

  test('gives the active user, found by id or by login name', async () => {
    const users = [
      { id: 'anna', login_name: 'anna', is_active: 1 },
      { id: 'bsmith', login_name: 'Boris', is_active: 1 },
    ];
    const { client, server } = await serverWith(users, () => granted);
    expect(await client.verifyPassword('Anna@conf.example', 'demo')).toMatchObject({ id: 'anna' });
    expect(await client.verifyPassword('boris', 'demo')).toMatchObject({ id: 'bsmith' });
    expect(server.seen[0]).toMatchObject({ path: '/api/v4/oauth2/token' });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      grant_type: 'password',
      client_id: 'c',
      username: 'Anna@conf.example',
      password: 'demo',
    });
  });

  test.each([
    { status: 401, json: { code: 401, reason: 'InvalidCredentials' } },
    { status: 400, json: { error: 'invalid_grant', error_description: 'no' } },
    apiError(401, 'invalidCredentials'),
    apiError(401),
    apiError(404, 'userNotFound'),
  ] as ScriptedReply[])('a wrong password is null (%j)', async (reply) => {
    const { client } = await serverWith([{ id: 'anna' }], () => reply);
    expect(await client.verifyPassword('anna', 'wrong')).toBeNull();
  });

  test.each([
    [apiError(401, 'invalid_client'), 'auth'],
    [apiError(400, 'invalidScope'), 'permanent'],
    [{ status: 503, text: '<html>' }, 'transient'],
    [{ status: 401, text: '<html>' }, 'auth'],
    [{ status: 200, text: '<html>' }, 'transient'],
  ] as [ScriptedReply, string][])('any other trouble is an error (%j)', async (reply, errorClass) => {
    const { client } = await serverWith([{ id: 'anna' }], () => reply);
    await expect(client.verifyPassword('anna', 'demo')).rejects.toMatchObject({ errorClass });
  });

  test('an older server is asked at its own token endpoint', async () => {
    const { client, server } = await serverWith([{ id: 'anna' }], ({ path }) =>
      path === '/oauth2/v1/token' ? granted : apiError(404, 'routeNotFound'),
    );
    expect(await client.verifyPassword('anna', 'demo')).toMatchObject({ id: 'anna' });
    expect(server.seen.slice(0, 2).map(({ path }) => path)).toEqual(['/api/v4/oauth2/token', '/oauth2/v1/token']);
  });

  test('a user who is switched off or unknown is nobody', async () => {
    const { client } = await serverWith([{ id: 'anna', is_active: 0 }], () => granted);
    expect(await client.verifyPassword('anna', 'demo')).toBeNull();
    expect(await client.verifyPassword('zed', 'demo')).toBeNull();
  });

  test("a name that is one user's login and another's id opens no calendar", async () => {
    const users = [{ id: 'boris' }, { id: 'bsmith', login_name: 'boris' }];
    const { client } = await serverWith(users, () => granted);
    await expect(client.verifyPassword('boris', 'demo')).rejects.toMatchObject({ code: 'trueconf-ambiguous-user' });
  });

  test('empty input is not sent', async () => {
    const { client, server } = await serverWith([], () => granted);
    expect(await client.verifyPassword('', 'demo')).toBeNull();
    expect(await client.verifyPassword('anna', '')).toBeNull();
    expect(server.seen).toEqual([]);
  });
});
