import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import { HoldingProxy } from '../testing/holding-proxy.ts';
import { TestGateway } from '../testing/test-gateway.ts';

describe('a sign-in that is under way while the configuration is reloaded', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  let proxy: HoldingProxy;
  beforeAll(async () => {
    db = await createTestDatabase();
    gateway = await TestGateway.start(db.options);
    proxy = await HoldingProxy.start(gateway.trueconf.url);
  });
  afterAll(async () => {
    await proxy.stop();
    await gateway.stop();
    await db.drop();
  });

  it('ends as if there had been no reload, and then the connections of the old configuration are closed', async () => {
    const server = {
      serverId: 'conf.example',
      url: proxy.url,
      clientId: 'calendar',
      clientSecret: gateway.config.encrypt('secret'),
      addressDomains: ['corp.example'],
    };
    gateway.configure({ sections: { trueconfServers: [server] } });
    await gateway.worker.worker.reload();
    const signIn = gateway.token('anna');
    await proxy.asked;
    gateway.configure();
    await gateway.worker.worker.reload();
    proxy.release();
    expect(await signIn).toMatchObject({ token_type: 'JWT' });
    await soon(() => expect(proxy.connections).toBe(0));
    expect(await gateway.token('boris')).toMatchObject({ token_type: 'JWT' });
  });
});
