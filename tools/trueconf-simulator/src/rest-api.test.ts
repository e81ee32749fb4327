import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from './testing/api-client.ts';

let api: ApiClient;
beforeEach(async () => {
  api = await ApiClient.start();
});
afterEach(() => api.simulator.close());

const refused = (status: number, reason: string) => ({
  status,
  json: { error: { code: status, errors: [expect.objectContaining({ reason })] } },
});

describe('tokens', () => {
  test('grants: application, user by password, refresh once', async () => {
    const user = await api.token({
      grant_type: 'password',
      client_id: 'trueconf_server_users',
      username: 'anna',
      password: 'demo',
    });
    expect(user).toMatchObject({ status: 200, json: { expires_in: 3600, refresh_token: expect.any(String) } });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(user.json.refresh_token) };
    expect(await api.token(refresh)).toMatchObject({ status: 200 });
    expect(await api.token(refresh)).toMatchObject({ status: 400, json: { reason: 'invalid_grant' } });
    const v4 = { grant_type: 'password', client_id: 'calendar-connector', username: 'anna', password: 'demo' };
    expect(await api.call('POST /api/v4/oauth2/token', v4)).toMatchObject({ status: 200 });
    expect(await api.call('POST /api/v4/oauth2/token', { ...v4, password: 'x' })).toMatchObject(
      refused(401, 'InvalidCredentials'),
    );
  });

  test('a wrong secret, a wrong password and an application without scopes get none', async () => {
    const app = { grant_type: 'client_credentials', client_id: 'calendar-connector', client_secret: 'wrong' };
    expect(await api.token(app)).toMatchObject({ status: 401, json: { reason: 'invalid_client' } });
    const user = { grant_type: 'password', client_id: 'trueconf_server_users', username: 'anna', password: 'wrong' };
    expect(await api.token(user)).toMatchObject({ status: 401, json: { reason: 'InvalidCredentials' } });
    await api.control('POST /apps', { clientId: 'bare', clientSecret: 's', scopes: [] });
    const bare = { grant_type: 'client_credentials', client_id: 'bare', client_secret: 's' };
    expect(await api.token(bare)).toMatchObject({ status: 400, json: { reason: 'invalidScope' } });
  });

  test('an expired token is 401 on v4 and 403 accessTokenInvalid on v3', async () => {
    await api.control('DELETE /tokens');
    expect(await api.call('GET /api/v4/conferences')).toMatchObject({ status: 401 });
    expect(await api.call('GET /api/v3.11/users')).toMatchObject(refused(403, 'accessTokenInvalid'));
  });

  test('scopes and ownership bound what a token can do', async () => {
    await api.control('POST /apps', { clientId: 'reader', clientSecret: 's', scopes: ['conferences:read'] });
    const reader = await api.token({ grant_type: 'client_credentials', client_id: 'reader', client_secret: 's' });
    await api.create();
    api.useToken(String(reader.json.access_token));
    expect(await api.call('GET /api/v4/conferences/one')).toMatchObject({ status: 200 });
    expect(await api.create({ id: 'two' })).toMatchObject(refused(403, 'forbidden'));
    const boris = await api.token({
      grant_type: 'password',
      client_id: 'trueconf_server_users',
      username: 'boris',
      password: 'demo',
    });
    api.useToken(String(boris.json.access_token));
    expect(await api.call('GET /api/v4/conferences/one')).toMatchObject(refused(403, 'forbidden'));
    expect(await api.call('GET /api/v4/conferences')).toMatchObject({ json: { results: 0 } });
  });
});

describe('conferences', () => {
  test('life of a conference: create, run, call, stop, delete', async () => {
    const created = await api.create({
      invitations: [{ id: 'anna' }, { id: 'boris' }],
      auto_invite: 1,
      tags: ['exch'],
    });
    expect(created).toMatchObject({
      status: 200,
      json: { conference: { id: 'one', state: 'stopped', tags: ['exch'] } },
    });
    expect(await api.call('POST /api/v4/conferences/one/invite', { participants: ['boris'] })).toMatchObject(
      refused(400, 'conferenceNotRunning'),
    );
    expect(await api.call('POST /api/v4/conferences/one/run')).toMatchObject({
      status: 200,
      json: { state: 'running' },
    });
    expect(await api.call('POST /api/v4/conferences/one/run')).toMatchObject(refused(400, 'conferenceAlreadyRunning'));
    await api.call('POST /api/v4/conferences/one/invite', { participants: ['chloe@other.example'] });
    expect(await api.call('POST /api/v4/conferences/one/stop')).toMatchObject({ json: { state: 'stopped' } });
    expect(await api.call('DELETE /api/v4/conferences/one')).toMatchObject({ status: 200 });
    expect(await api.call('GET /api/v4/conferences/one')).toMatchObject(refused(404, 'conferenceNotFound'));
    const truth = await api.control('GET /conferences/one');
    expect(truth.json.records).toMatchObject([
      {
        starts: 1,
        deletedAtMs: expect.any(Number),
        stateChanges: [{ to: 'running', cause: 'api' }, { to: 'stopped' }],
        rings: [
          { to: 'anna@conf.example', by: 'auto_invite' },
          { to: 'boris@conf.example', by: 'auto_invite' },
          { to: 'chloe@other.example', by: 'invite' },
        ],
      },
    ]);
  });

  test.each([
    [{ topic: undefined }, 400, 'missingRequiredField'],
    [{ topic: '' }, 400, 'invalidValue'],
    [{ topic: 'x'.repeat(241) }, 400, 'invalidValue'],
    [{ owner: 'zed' }, 404, 'userNotFound'],
    [{ id: 'not-allowed' }, 400, 'invalidValue'],
    [{ mode: 'QxQ' }, 400, 'invalidValue'],
    [
      { schedule: { type: 'once', start_time: 1789999200, time: '14:00', special_time_offset: 0 } },
      400,
      'missingRequiredField',
    ],
    [
      { schedule: { type: 'once', start_time: 1789999200, time: '15:00', special_time_offset: 0, duration: 600 } },
      400,
      'invalidValue',
    ],
  ])('creation with %j is refused', async (fields, status, reason) => {
    expect(await api.create(fields)).toMatchObject(refused(status, reason));
  });

  test('an id can be taken once, and again after deletion', async () => {
    await api.create();
    expect(await api.create()).toMatchObject(refused(400, 'uniqueValueAlreadyInUse'));
    await api.call('DELETE /api/v4/conferences/one');
    expect(await api.create()).toMatchObject({ status: 200 });
    expect((await api.control('GET /conferences/one')).json.records).toHaveLength(2);
  });

  test('a PATCH merges, ignores id and invitations, and breaks on half a schedule', async () => {
    await api.create({ description: 'kept', invitations: [{ id: 'boris' }] });
    const patched = await api.call('PATCH /api/v4/conferences/one', { topic: 'New', id: 'two', invitations: [] });
    expect(patched.json.conference).toMatchObject({
      id: 'one',
      topic: 'New',
      description: 'kept',
      invitations: [{ id: 'boris' }],
    });
    const half = { schedule: { type: 'once', duration: 600 } };
    expect(await api.call('PATCH /api/v4/conferences/one', half)).toMatchObject({ status: 500 });
  });

  test('while it runs only the description changes', async () => {
    await api.create();
    await api.call('POST /api/v4/conferences/one/run');
    expect(await api.call('PATCH /api/v4/conferences/one', { topic: 'New' })).toMatchObject({ status: 400 });
    expect(await api.call('PATCH /api/v4/conferences/one', { description: 'New' })).toMatchObject({ status: 200 });
  });

  test('a scheduled conference starts by itself and rings its people', async () => {
    const start = Math.ceil(Date.now() / 1000) + 1;
    const time = new Date(start * 1000).toISOString().slice(11, 16);
    const schedule = { type: 'once', start_time: start, time, special_time_offset: 0, duration: 600 };
    await api.create({ schedule, auto_invite: 1, invitations: [{ id: 'boris' }] });
    await expect
      .poll(
        () => api.call('GET /api/v4/conferences/one').then(({ json }) => (json.conference as { state: string }).state),
        {
          timeout: 10_000,
        },
      )
      .toBe('running');
    const truth = await api.control('GET /conferences/one');
    expect(truth.json.records).toMatchObject([
      { stateChanges: [{ cause: 'schedule' }], rings: [{ to: 'boris@conf.example' }] },
    ]);
  });

  test('invitations: added once, guests renamed, users not, removed', async () => {
    await api.create();
    const base = '/api/v4/conferences/one/invitations';
    expect(await api.call(`POST ${base}`, { invitation: { id: 'boris', is_moderator: true } })).toMatchObject({
      json: { invitation: { id: 'boris' } },
    });
    expect(await api.call(`POST ${base}`, { invitation: { id: 'boris@conf.example' } })).toMatchObject({ status: 400 });
    expect(await api.call(`PATCH ${base}/boris`, { invitation: { display_name: 'B' } })).toMatchObject({ status: 403 });
    expect(await api.call(`GET ${base}`)).toMatchObject({ json: { invitations: [{ id: 'boris' }] } });
    expect(await api.call(`DELETE ${base}/boris`)).toMatchObject({ status: 200 });
    expect(await api.call(`DELETE ${base}/boris`)).toMatchObject({ status: 404 });
  });

  test('the list filters and pages', async () => {
    for (const id of ['a', 'b', 'c']) await api.create({ id, topic: `Topic ${id}` });
    await api.call('POST /api/v4/conferences/b/run');
    const ids = async (query: string) => {
      const { json } = await api.call(`GET /api/v4/conferences?${query}`);
      return (json.conferences as { id: string }[]).map(({ id }) => id);
    };
    expect(await ids('state=running')).toEqual(['b']);
    expect(await ids('topic_cid_contains=topic%20C')).toEqual(['c']);
    expect(await ids('page=2&page_size=2&sort_order=1')).toEqual(['a']);
    expect(await api.call('GET /api/v4/conferences?page=x')).toMatchObject(refused(400, 'invalidValue'));
  });

  test('participants are those who joined', async () => {
    await api.create();
    await api.call('POST /api/v4/conferences/one/run');
    await api.control('POST /conferences/one/join', { ids: ['boris'] });
    expect(await api.call('GET /api/v4/conferences/one/participants')).toMatchObject({
      json: { cnt: 1, list: [{ call_id: 'boris@conf.example' }] },
    });
  });
});

describe('users', () => {
  test('are found by e-mail, listed in pages and made by v4', async () => {
    await api.control(
      'POST /users',
      Array.from({ length: 30 }, (_, i) => ({ id: `u${i}`, email: `u${i}@corp.example` })),
    );
    const byEmail = await api.call('GET /api/v3.11/users?email=Anna@corp.example');
    expect(byEmail.json).toMatchObject({
      users: [{ id: 'anna', uid: 'anna@conf.example', is_active: 1 }],
      next_page_id: -1,
    });
    const first = await api.call('GET /api/v3.1/users?page_size=20');
    const rest = await api.call(`GET /api/v3.1/users?page_size=20&page_id=${first.json.next_page_id}`);
    expect([...(first.json.users as unknown[]), ...(rest.json.users as unknown[])]).toHaveLength(32);
    expect(rest.json.next_page_id).toBe(-1);
    expect(await api.call('POST /api/v4/users', { id: 'new', password: 'x' })).toMatchObject({ status: 200 });
    expect(await api.call('POST /api/v4/users', { id: 'new', password: 'x' })).toMatchObject(
      refused(400, 'uniqueValueAlreadyInUse'),
    );
    expect(await api.call('GET /api/v3.11/users/zed')).toMatchObject(refused(404, 'userNotFound'));
  });

  test('the server tells its version to anybody', async () => {
    api.useToken('');
    expect(await api.call('GET /api/v4/server')).toMatchObject({ json: { product: { display_name: 'conf.example' } } });
  });
});

test.each(['GET /api/v4/nothing', 'PUT /api/v4/conferences', 'GET /api/v3.12/users'])(
  '%s is no route',
  async (route) => {
    expect(await api.call(route, route.startsWith('PUT') ? {} : undefined)).toMatchObject(
      refused(404, 'routeNotFound'),
    );
  },
);

test('a body that is not JSON, too large or no object is answered and harms nobody', async () => {
  const post = (body: string) =>
    fetch(`${api.simulator.url}/api/v4/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  expect((await post('{')).status).toBe(400);
  expect((await post('[]')).status).toBe(400);
  expect((await post(JSON.stringify('x'.repeat(1024 * 1024)))).status).toBe(413);
  expect(await api.create()).toMatchObject({ status: 200 });
});
