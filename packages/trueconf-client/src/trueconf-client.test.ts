import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import {
  apiError,
  type ScriptedReply,
  ScriptedServer,
  type SeenRequest,
  type StaticReply,
} from './testing/scripted-server.ts';
import { TrueConfClient } from './trueconf-client.ts';
import type { TrueConfClientOptions } from './trueconf-client-options.ts';
import { TrueConfError } from './trueconf-error.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

/** Answers by `METHOD path`; tokens are `token-1`, `token-2`, ... unless scripted too. */
type Answers = Record<string, StaticReply | ((request: SeenRequest) => ScriptedReply)>;

async function serverWith(answers: Answers, options: Partial<TrueConfClientOptions> = {}) {
  let tokens = 0;
  const server = await ScriptedServer.start((request) => {
    const answer = answers[`${request.method} ${request.path}`];
    if (answer !== undefined) return typeof answer === 'function' ? answer(request) : answer;
    if (request.path !== '/oauth2/v1/token') return apiError(404, 'routeNotFound');
    tokens += 1;
    return { status: 200, json: { access_token: `token-${tokens}`, expires_in: 3600, token_type: 'Bearer' } };
  });
  const client = new TrueConfClient({
    serverId: 'conf.example#vcs',
    url: server.url,
    clientId: 'connector',
    clientSecret: 'the-client-secret',
    timeoutMs: 5_000,
    ...options,
  });
  cleanups.push(
    () => client.close(),
    () => server.close(),
  );
  return { server, client, tokensIssued: () => tokens };
}

const conference = {
  id: 'abc_1',
  topic: 'Sprint',
  owner: 'anna',
  state: 'stopped',
  url: 'https://conf.example/c/abc_1',
};
const get = 'GET /api/v4/conferences/abc_1';
const run = 'POST /api/v4/conferences/abc_1/run';

async function failure(promise: Promise<unknown>): Promise<TrueConfError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TrueConfError) return error;
  throw new Error(`expected a TrueConfError, got ${inspect(error)}`);
}

describe('tokens', () => {
  test('requests at once share one token', async () => {
    const { client, tokensIssued } = await serverWith({ [get]: { status: 200, json: { conference } } });
    await Promise.all(Array.from({ length: 30 }, () => client.getConference('abc_1')));
    expect(tokensIssued()).toBe(1);
  });

  test.each([
    [401, undefined],
    [403, 'accessTokenInvalid'],
  ])('a token refused with %s is replaced once and the request repeated', async (status, reason) => {
    const { client, server } = await serverWith({
      [run]: ({ authorization }) =>
        authorization === 'Bearer token-1' ? apiError(status, reason) : { status: 200, json: { state: 'running' } },
    });
    await client.runConference('abc_1');
    expect(server.calls).toEqual([run, run]);
  });

  test('a second refusal is final', async () => {
    const { client, tokensIssued } = await serverWith({ [run]: apiError(401) });
    expect(await failure(client.runConference('abc_1'))).toMatchObject({ errorClass: 'auth', sent: 'yes' });
    expect(tokensIssued()).toBe(2);
  });

  test('forbidden is no reason for a new token', async () => {
    const { client, server } = await serverWith({ [run]: apiError(403, 'forbidden') });
    expect(await failure(client.runConference('abc_1'))).toMatchObject({
      errorClass: 'permanent',
      reason: 'forbidden',
    });
    expect(server.calls).toEqual([run]);
  });

  test.each([
    [{ status: 401, json: { reason: 'invalid_client' } }, 'auth', 'trueconf-token-refused'],
    [{ status: 400, json: { error: 'invalid_client', error_description: 'no' } }, 'auth', 'trueconf-token-refused'],
    [apiError(400, 'invalidScope'), 'auth', 'trueconf-token-refused'],
    [apiError(400, 'insecureConnection'), 'config', 'trueconf-insecure-connection'],
    [{ status: 502, text: '<html>' }, 'transient', 'trueconf-server-error'],
    [{ status: 200, text: '<html>' }, 'transient', 'trueconf-unexpected-reply'],
  ])('no token: the request itself was not sent (%j)', async (reply, errorClass, code) => {
    const { client, server } = await serverWith({ 'POST /oauth2/v1/token': reply as StaticReply });
    expect(await failure(client.runConference('abc_1'))).toMatchObject({ errorClass, code, sent: 'no' });
    expect(server.calls).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    [apiError(400, 'uniqueValueAlreadyInUse'), 'conflict', 'yes'],
    [apiError(400, 'missingRequiredField'), 'permanent', 'yes'],
    [apiError(404, 'conferenceNotFound'), 'notFound', 'yes'],
    [apiError(404, 'routeNotFound'), 'config', 'yes'],
    [apiError(429), 'transient', 'yes'],
    [apiError(500), 'transient', 'maybe'],
    [{ status: 503, text: '<html>' }, 'transient', 'maybe'],
    [{ status: 404, text: '<html>' }, 'transient', 'maybe'],
    [{ status: 200, text: '<html>' }, 'transient', 'maybe'],
    [{ status: 301, headers: { location: 'https://conf.example/' } }, 'config', 'yes'],
  ])('%j', async (reply, errorClass, sent) => {
    const { client } = await serverWith({ [run]: reply as StaticReply });
    expect(await failure(client.runConference('abc_1'))).toMatchObject({ errorClass, sent });
  });

  test("a proxy's 404 page does not make a conference absent", async () => {
    const { client } = await serverWith({
      [get]: { status: 404, text: '<html>not here</html>' },
      'DELETE /api/v4/conferences/abc_1': { status: 404, json: { message: 'no Route matched' } },
    });
    expect(await failure(client.getConference('abc_1'))).toMatchObject({ errorClass: 'transient' });
    expect(await failure(client.deleteConference('abc_1'))).toMatchObject({ errorClass: 'transient' });
  });

  test('Retry-After is passed on in milliseconds', async () => {
    const throttled = { ...apiError(429), headers: { 'retry-after': '7' } };
    const { client } = await serverWith({ [run]: throttled });
    expect(await failure(client.runConference('abc_1'))).toMatchObject({ retryAfterMs: 7000 });
  });

  test('neither errors nor the client show secrets, tokens, passwords or topics', async () => {
    const echo = (request: SeenRequest): ScriptedReply => ({
      status: 400,
      json: { error: { code: 400, message: request.body, errors: [{ reason: request.body, message: request.body }] } },
    });
    const { client } = await serverWith({
      'POST /api/v4/conferences': echo,
      'POST /api/v4/oauth2/token': (request) => ({ status: 400, json: { reason: request.body } }),
      [run]: () => (response) => response.destroy(),
    });
    const errors = [
      await failure(client.createConference({ topic: 'Secret merger', owner: 'anna' })),
      await failure(client.verifyPassword('anna', 'hunter2-password')),
      await failure(client.runConference('abc_1')),
    ];
    const shown = inspect([client, ...errors], { depth: 20, showHidden: true }) + JSON.stringify(errors);
    expect(shown).not.toMatch(/the-client-secret|token-\d|hunter2|merger/);
  });

  test.each(['', '../users', 'a b', 'x'.repeat(129)])('a conference id like "%s" never reaches a path', async (cid) => {
    const { client, server } = await serverWith({});
    expect(await failure(client.getConference(cid))).toMatchObject({ code: 'trueconf-bad-input', sent: 'no' });
    expect(server.seen).toEqual([]);
  });

  test.each(['conf.example', 'ftp://conf.example', 'https://conf.example/api', 'https://a:b@conf.example', ''])(
    'the address "%s" is refused at once',
    (url) => {
      const make = () => new TrueConfClient({ serverId: 'x', url, clientId: 'x', clientSecret: 'x' });
      expect(make).toThrow(expect.objectContaining({ code: 'trueconf-bad-url', errorClass: 'config' }));
    },
  );
});

describe('beforeSend', () => {
  test('what it throws is passed on and nothing is sent', async () => {
    const { client, server } = await serverWith({ [run]: { status: 204 } });
    const leaseOver = new Error('lease over');
    const beforeSend = () => {
      throw leaseOver;
    };
    await expect(client.runConference('abc_1', { beforeSend })).rejects.toBe(leaseOver);
    expect(server.calls).toEqual([]);
  });

  test('it runs before the repetition too', async () => {
    const { client } = await serverWith({ [run]: apiError(401) });
    let asked = 0;
    const beforeSend = () => {
      asked += 1;
    };
    await failure(client.runConference('abc_1', { beforeSend }));
    expect(asked).toBe(2);
  });
});

describe('conferences', () => {
  test('creation sends what the API wants, the schedule with its UTC clock time', async () => {
    const { client, server } = await serverWith({ 'POST /api/v4/conferences': { status: 200, json: { conference } } });
    await client.createConference({
      id: 'abc_1',
      topic: 'Sprint',
      owner: 'anna',
      schedule: { type: 'once', start: new Date('2026-09-21T14:00:00Z'), durationSeconds: 3600, utcOffsetMinutes: 180 },
      invitations: [{ id: 'anna', displayName: 'Anna', isModerator: true }],
      autoInvite: true,
      tags: ['exch'],
    });
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({
      id: 'abc_1',
      topic: 'Sprint',
      owner: 'anna',
      mode: 'PxP',
      access: 'private',
      schedule: { type: 'once', start_time: 1789999200, time: '14:00', duration: 3600, special_time_offset: 180 },
      invitations: [{ id: 'anna', display_name: 'Anna', is_moderator: true }],
      auto_invite: 1,
      tags: ['exch'],
    });
  });

  test('a change sends only the given fields', async () => {
    const { client, server } = await serverWith({
      'PATCH /api/v4/conferences/abc_1': { status: 200, json: { conference } },
    });
    await client.updateConference('abc_1', { topic: 'New', autoInvite: false });
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({ topic: 'New', auto_invite: 0 });
  });

  test('an empty answer to a change is followed by a read', async () => {
    const { client } = await serverWith({
      'PATCH /api/v4/conferences/abc_1': { status: 204 },
      [get]: { status: 200, json: { conference } },
    });
    expect(await client.updateConference('abc_1', { topic: 'New' })).toMatchObject({ id: 'abc_1', state: 'stopped' });
  });

  test('what is gone already counts as absent, but a lost conference is told', async () => {
    const { client } = await serverWith({
      'DELETE /api/v4/conferences/abc_1': apiError(404, 'conferenceNotFound'),
      'DELETE /api/v4/conferences/abc_1/invitations/boris': apiError(404, 'invitationNotFound'),
      'DELETE /api/v4/conferences/abc_1/invitations/chloe': apiError(404, 'conferenceNotFound'),
      'POST /api/v4/conferences/abc_1/invitations': apiError(400, 'uniqueValueAlreadyInUse'),
    });
    expect(await client.deleteConference('abc_1')).toBe('absent');
    expect(await client.removeInvitation('abc_1', 'boris')).toBe('absent');
    expect(await failure(client.removeInvitation('abc_1', 'chloe'))).toMatchObject({ errorClass: 'notFound' });
    await client.addInvitation('abc_1', { id: 'boris' });
  });

  test('nobody to call: nothing is sent', async () => {
    const { client, server } = await serverWith({});
    await client.inviteParticipants('abc_1', []);
    expect(server.seen).toEqual([]);
  });
});

test('the server tells name and version without a token', async () => {
  const { client, tokensIssued } = await serverWith({
    'GET /api/v4/server': { status: 200, json: { product: { display_name: 'conf.example', version: '5.5.6' } } },
  });
  expect(await client.getServer()).toEqual({ name: 'conf.example', version: '5.5.6' });
  expect(tokensIssued()).toBe(0);
});

test('warming up opens the asked connections and one token', async () => {
  const { client, server, tokensIssued } = await serverWith({
    'GET /api/v4/server': { status: 200, json: { product: { display_name: 'conf.example', version: '5.5.6' } } },
  });
  let connections = 0;
  server.server.on('connection', () => {
    connections += 1;
  });
  await client.warmUp(4);
  expect(connections).toBeGreaterThanOrEqual(4);
  expect(tokensIssued()).toBe(1);
});
