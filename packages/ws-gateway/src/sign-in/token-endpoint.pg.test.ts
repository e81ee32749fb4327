import { randomBytes } from 'node:crypto';
import type { Queryable } from 'calendar-db/database';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { type ConnectorConfig, SecretKey } from 'connector-config';
import type { TokenReply } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricsRegistry } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import { Hub } from '../connections/hub.ts';
import { GatewayMetrics } from '../gateway-metrics.ts';
import { withSuspensionPoints } from '../testing/suspension-points.ts';
import { AccessTokens } from './access-tokens.ts';
import { LoginGuard } from './login-guard.ts';
import type { UserSource } from './server-set.ts';
import { TokenEndpoint } from './token-endpoint.ts';
import { TrueConfServers } from './trueconf-servers.ts';

const sections = {
  trueconfServers: [
    { serverId: 'conf.example', url: 'https://conf.example', addressDomains: ['corp.example'], users: {} },
  ],
  productWhitelist: { tcs: ['conf.example'] },
} as unknown as Pick<ConnectorConfig, 'trueconfServers' | 'productWhitelist'>;
const anna = {
  id: 'anna',
  uid: 'anna@conf.example',
  loginName: 'anna',
  email: 'anna@corp.example',
  displayName: 'Anna',
  isActive: true,
  status: 1,
};

describe('the token endpoint, while the configuration is reloaded', () => {
  let db: TestDatabase;
  let servers: TrueConfServers;
  let endpoint: TokenEndpoint;
  let opened = 0;
  let closed = 0;
  /** Runs at each suspension point of a sign-in. */
  let onPoint: (name: string) => void = () => undefined;

  beforeAll(async () => {
    db = await createTestDatabase();
    const log = new CapturedLog().logger();
    const key = new SecretKey(randomBytes(32));
    const { database } = withSuspensionPoints({ database: db.database as Queryable }, (name) => onPoint(name));
    servers = new TrueConfServers(() => openClient(), log);
    servers.prepare(sections)();
    endpoint = new TokenEndpoint({
      database,
      servers,
      tokens: withSuspensionPoints({ tokens: new AccessTokens(key, Date.now) }, (name) => onPoint(name)).tokens,
      guard: new LoginGuard(database, key, () => ({ failedLoginsPerUser: 1_000, failedLoginsPerAddress: 1_000 })),
      config: () => ({ auth: ['token'], allowCleartext: false }),
      log,
      metrics: new GatewayMetrics(new MetricsRegistry(), new Hub(() => ({ sockets: 0, socketsPerUser: 0 })), () => 0),
    });
  });
  afterAll(() => db.drop());

  /** A client that answers as long as it is open. */
  function openClient(): UserSource {
    opened++;
    let isOpen = true;
    const answer = async <T>(value: T) => {
      if (!isOpen) throw new Error('this client was closed');
      return value;
    };
    const users: UserSource = {
      verifyPassword: () => answer(anna),
      findUsersByEmail: () => answer([anna]),
      getUser: () => answer(anna),
      close: async () => {
        isOpen = false;
        closed++;
      },
    };
    return withSuspensionPoints({ users }, (name) => onPoint(name)).users;
  }

  async function ask(grant: object) {
    const { status, body } = await endpoint.handle({
      peer: { address: '127.0.0.1', secure: true },
      contentType: 'application/json',
      body: JSON.stringify({ client_id: 'calendar', ...grant }),
    });
    return { status, body: body as TokenReply };
  }

  it('goes on with the clients with which a sign-in began, to its end, and closes them then', async () => {
    const signIn = { grant_type: 'password', username: 'anna', password: 'demo' };
    const { body } = await ask(signIn);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    for (const grant of [signIn, refresh]) {
      const points: string[] = [];
      onPoint = (name) => points.push(name);
      await ask(grant);
      expect(points).toEqual(expect.arrayContaining(['database.query', 'users.findUsersByEmail', 'tokens.issue']));
      for (const [number, name] of points.entries()) {
        let met = 0;
        onPoint = () => {
          if (met++ === number) servers.prepare(sections)();
        };
        const { status } = await ask(grant);
        expect({ at: `${number} ${name}`, status, open: opened - closed }).toEqual({
          at: `${number} ${name}`,
          status: 201,
          open: 1,
        });
      }
    }
    onPoint = () => undefined;
  });
});
