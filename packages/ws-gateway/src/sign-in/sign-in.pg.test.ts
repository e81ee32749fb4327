import { createTestDatabase, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import { demoUsers, TestGateway } from '../testing/test-gateway.ts';

const password = (username: string, secret: string) => ({
  client_id: 'calendar',
  grant_type: 'password',
  username,
  password: secret,
});

describe('the token endpoint', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options, {
      // A proxy on this machine whose word counts, so that a test can come from anywhere.
      gateway: { trustedProxies: ['127.0.0.1'], limits: { failedLoginsPerAddress: 5 } },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });
  beforeEach(() => {
    const { control } = gateway.trueconf;
    for (const { id } of control.users()) control.removeUser(id);
    for (const user of demoUsers()) control.putUser(user);
    control.clearFaults();
  });
  afterEach(async () => {
    await db.database.query('DELETE FROM calendar.auth_failure; DELETE FROM calendar.refresh_token');
    await db.database.query('DELETE FROM calendar.person_address');
  });

  const serverWith = (users: Record<string, string>) => ({
    serverId: 'conf.example',
    url: gateway.trueconf.url,
    clientId: 'calendar',
    clientSecret: gateway.config.encrypt('secret'),
    addressDomains: ['corp.example'],
    users,
  });
  const from = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' });
  const ask = (body: object | string, address = '203.0.113.7') => gateway.postToken(body, from(address));
  async function addressesOf(username: string): Promise<unknown> {
    const reply = (await (await ask(password(username, 'demo'))).json()) as { access_token: string };
    return decodeJwt(reply.access_token).adr;
  }

  it('gives tokens for the right password, and never stores the refresh token itself', async () => {
    const reply = await ask(password('anna', 'demo'));
    expect(reply.status).toBe(201);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const body = (await reply.json()) as Record<string, string>;
    expect(body).toMatchObject({ token_type: 'JWT', expires_in: 3600, refresh_expires_in: 43_200 });
    expect(decodeProtectedHeader(body.access_token ?? '')).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: gateway.config.key.id,
    });
    const { rows } = await db.database.query<{ all: string }>(
      'SELECT row_to_json(r)::text AS all FROM calendar.refresh_token r',
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(body.refresh_token);
  });

  it.each(['anna', 'anna@conf.example', 'anna@conf.example/instance'])('knows the server of %s', async (username) => {
    expect((await ask(password(username, 'demo'))).status).toBe(201);
  });

  it.each([
    ['a wrong password', 'anna', 'wrong'],
    ['an unknown user', 'nobody', 'demo'],
    ['another server', 'anna@elsewhere.example', 'demo'],
  ])('answers %s with the same refusal', async (_what, username, secret) => {
    const reply = await ask(password(username, secret));
    expect(reply.status).toBe(401);
    expect(await reply.json()).toEqual({
      error: 'invalid_grant',
      error_description: 'user name or password is wrong',
    });
  });

  it.each([
    ['that is no JSON', 'nonsense', 400, 'invalid_request'],
    ['without fields', {}, 400, 'unsupported_grant_type'],
    ['of another client', { client_id: 'chat_bot' }, 400, 'invalid_client'],
    ['with another grant', { grant_type: 'authorization_code' }, 400, 'unsupported_grant_type'],
    ['without a password', { password: undefined }, 400, 'invalid_request'],
    ['that is too long', { password: 'x'.repeat(30_000) }, 413, 'invalid_request'],
  ])('refuses a body %s', async (what, given, status, error) => {
    const isWhole = typeof given === 'string' || what === 'without fields';
    const reply = await ask(isWhole ? given : { ...password('anna', 'demo'), ...given });
    expect([reply.status, await reply.json()]).toMatchObject([status, { error }]);
  });

  it('stops after three wrong passwords for a user, from wherever, also for the right one', async () => {
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
      expect((await ask(password('anna', 'wrong'), address)).status).toBe(401);
    }
    const tried = gateway.passwordsTried;
    const refused = await ask(password('anna@conf.example', 'demo'), '203.0.113.4');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(gateway.passwordsTried).toBe(tried);
    expect((await ask(password('boris', 'demo'), '203.0.113.1')).status).toBe(201);
  });

  it('never lets more than three wrong passwords through that come at the same time', async () => {
    const before = gateway.passwordsTried;
    await Promise.all(Array.from({ length: 12 }, () => ask(password('chloe', 'wrong'))));
    expect(gateway.passwordsTried - before).toBe(3);
  });

  it('begins to count anew after a right password', async () => {
    for (const secret of ['wrong', 'wrong', 'demo', 'wrong', 'wrong', 'demo']) {
      expect((await ask(password('anna', secret))).status).toBe(secret === 'demo' ? 201 : 401);
    }
  });

  it('leaves users of an address with many wrong passwords one attempt each', async () => {
    for (let count = 0; count < 5; count++) await ask(password(`guess${count}`, 'wrong'), '203.0.113.9');
    expect((await ask(password('boris', 'wrong'), '203.0.113.9')).status).toBe(401);
    expect((await ask(password('boris', 'demo'), '203.0.113.9')).status).toBe(429);
    expect((await ask(password('anna', 'demo'), '203.0.113.9')).status).toBe(201);
  });

  it('says that the TrueConf Server is away, and does not count that as a wrong password', async () => {
    gateway.trueconf.control.addFault({ kind: 'status', status: 503, times: null });
    for (let count = 0; count < 4; count++) {
      const reply = await ask(password('dmitri', 'demo'));
      expect([reply.status, await reply.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
    }
    gateway.trueconf.control.clearFaults();
    expect((await ask(password('dmitri', 'demo'))).status).toBe(201);
  });

  it('takes no password over an unencrypted connection from elsewhere', async () => {
    const plain = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http' };
    const reply = await gateway.postToken(password('anna', 'demo'), plain);
    expect([reply.status, await reply.json()]).toMatchObject([403, { error: 'insecure_connection' }]);
  });

  it('refreshes as long as the user is active, and not a day longer', async () => {
    const { refresh_token } = (await (await ask(password('anna', 'demo'))).json()) as { refresh_token: string };
    const refresh = () => ask({ client_id: 'calendar', grant_type: 'refresh_token', refresh_token });
    const reply = await refresh();
    expect(reply.status).toBe(201);
    expect(await reply.json()).not.toHaveProperty('refresh_token');
    for (const user of demoUsers()) gateway.trueconf.control.putUser({ ...user, active: false });
    expect((await refresh()).status).toBe(401);
    for (const user of demoUsers()) gateway.trueconf.control.putUser(user);
    expect((await refresh()).status).toBe(401);
  });

  it('takes no refresh token that has expired or that it never gave out', async () => {
    const { refresh_token } = (await (await ask(password('anna', 'demo'))).json()) as { refresh_token: string };
    await db.database.query("UPDATE calendar.refresh_token SET expires_at = clock_timestamp() - interval '1 second'");
    for (const token of [refresh_token, 'invented']) {
      const reply = await ask({ client_id: 'calendar', grant_type: 'refresh_token', refresh_token: token });
      expect([reply.status, await reply.json()]).toMatchObject([401, { error: 'invalid_grant' }]);
    }
  });

  describe('lets a user stand for', () => {
    it('the address of his profile', async () => {
      expect(await addressesOf('anna')).toEqual(['anna@corp.example']);
    });

    it('nothing when the address is outside the server’s domains', async () => {
      gateway.trueconf.control.putUser({ id: 'eve', email: 'eve@else.example', password: 'demo' });
      expect(await addressesOf('eve')).toEqual([]);
    });

    it('nothing when another active user has the same address', async () => {
      const twin = { id: 'twin', email: 'anna@corp.example', password: 'demo' };
      gateway.trueconf.control.putUser(twin);
      expect(await addressesOf('anna')).toEqual([]);
      expect(await addressesOf('twin')).toEqual([]);
      gateway.trueconf.control.putUser({ ...twin, active: false });
      expect(await addressesOf('anna')).toEqual(['anna@corp.example']);
    });

    it('nothing when another user has another spelling of the same mailbox', async () => {
      gateway.trueconf.control.putUser({ id: 'twin', email: 'a.k@corp.example', password: 'demo' });
      await db.database.query(
        "INSERT INTO calendar.person_address (alias, canonical, source) VALUES ('a.k@corp.example', 'anna@corp.example', 'test')",
      );
      expect(await addressesOf('anna')).toEqual([]);
      expect(await addressesOf('twin')).toEqual([]);
    });

    it('the addresses that the config maps to him, and not those that it maps to somebody else', async () => {
      const mapped = serverWith({
        'boss@corp.example': 'anna',
        'boris@corp.example': 'anna@conf.example',
        'far@else.example': 'anna',
      });
      gateway.configure({ sections: { trueconfServers: [mapped] } });
      await gateway.worker.worker.reload();
      try {
        expect(await addressesOf('anna')).toEqual(['boss@corp.example', 'boris@corp.example', 'anna@corp.example']);
        expect(await addressesOf('boris')).toEqual([]);
      } finally {
        gateway.configure();
        await gateway.worker.worker.reload();
      }
    });
  });

  it('takes an address away from a user who is connected when the config gives it to somebody else', async () => {
    await saveToMailbox(db.database, 'anna@corp.example');
    const { access_token } = (await (await ask(password('anna', 'demo'))).json()) as { access_token: string };
    const client = gateway.connect();
    await client.request('auth', { token: access_token, tokenType: 'JWT' });
    await client.request('subscribeEvents', {});
    gateway.configure({ sections: { trueconfServers: [serverWith({ 'anna@corp.example': 'boris' })] } });
    await gateway.worker.worker.reload();
    try {
      await soon(() => expect(client.pushes.map((push) => push.method)).toEqual(['resyncEvents']));
      expect(await client.call('subscribeEvents')).toMatchObject({ errorCode: 401 });
    } finally {
      gateway.configure();
      await gateway.worker.worker.reload();
    }
  });

  it('issues tokens that no other key, algorithm or time can replace', async () => {
    await saveToMailbox(db.database, 'anna@corp.example');
    const holder = { srv: 'conf.example', adr: ['anna@corp.example'] };
    const sign = (key: Uint8Array, exp: string | number, audience = 'trueconf-calendar') =>
      new SignJWT(holder)
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('anna@conf.example')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(exp)
        .sign(key);
    const key = gateway.config.key.derive('access-token');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
      JSON.stringify({ ...holder, sub: 'anna@conf.example', aud: 'trueconf-calendar', iat: 1, exp: 4_000_000_000 }),
    ).toString('base64url')}.`;
    const cases: [string, number | undefined][] = [
      [await sign(key, '1h'), undefined],
      [await sign(new Uint8Array(32), '1h'), 201],
      [await sign(key, '1h', 'something-else'), 201],
      [await sign(key, Math.floor(Date.now() / 1000) - 60), 203],
      [unsigned, 201],
    ];
    for (const [token, errorCode] of cases) {
      const client = gateway.connect();
      expect((await client.call('auth', { token, tokenType: 'JWT' })).errorCode).toBe(errorCode);
      await client.close();
    }
  });

  it('closes sockets, old and new, of a server that is not on the whitelist any more with 4403', async () => {
    const { access_token } = (await (await ask(password('anna', 'demo'))).json()) as { access_token: string };
    const open = gateway.connect();
    await open.request('auth', { token: access_token, tokenType: 'JWT' });
    gateway.configure({ sections: { productWhitelist: { tcs: ['other.example'] } } });
    await gateway.worker.worker.reload();
    expect(await open.closed).toMatchObject({ code: 4403 });
    const client = gateway.connect();
    await client.call('auth', { token: access_token, tokenType: 'JWT' }).catch(() => undefined);
    expect(await client.closed).toMatchObject({ code: 4403 });
    expect((await ask(password('anna', 'demo'))).status).toBe(403);
    gateway.configure();
    await gateway.worker.worker.reload();
  });
});
