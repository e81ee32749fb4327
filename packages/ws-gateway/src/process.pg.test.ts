import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, saveToMailbox, type TestDatabase } from 'calendar-db/testing';
import { TOKEN_PATH } from 'gateway-protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnWorker, startTestWorker } from 'worker-kit/testing';
import { soon } from './testing/conditions.ts';
import { TestGateway } from './testing/test-gateway.ts';
import { wsGateway } from './ws-gateway.ts';

const tlsFile = (name: string) => fileURLToPath(new URL(`./testing/tls/${name}`, import.meta.url));

describe('the gateway’s ways to listen', () => {
  let db: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    db = await createTestDatabase();
    await saveToMailbox(db.database, 'anna@corp.example');
    gateway = await TestGateway.start(db.options, { gateway: { sharePort: true } });
  });
  afterAll(async () => {
    await gateway.stop();
    await db.drop();
  });

  it('allow several gateways on one port when told to', async () => {
    const second = startTestWorker(wsGateway(), gateway.config, { instance: 1 });
    await second.log.waitFor('gateway.listening');
    await second.stop();
    expect((await fetch(`${gateway.base}/healthz`)).status).toBeLessThan(600);
  });

  it('include TLS, and a certificate that cannot be used is named', async () => {
    await gateway.end();
    gateway.configure({ gateway: { tls: { cert: tlsFile('cert.pem'), key: tlsFile('key.pem') } } });
    await gateway.begin();
    const status = await new Promise((resolve, reject) => {
      const options = { method: 'POST', rejectUnauthorized: false };
      const asked = request(gateway.base.replace('http:', 'https:') + TOKEN_PATH, options, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      asked.on('error', reject);
      asked.end('{}');
    });
    expect(status).toBe(400);

    await gateway.end();
    gateway.configure({ gateway: { tls: { cert: tlsFile('key.pem'), key: tlsFile('cert.pem') } } });
    const broken = startTestWorker(wsGateway(), gateway.config);
    await expect(broken.ended).rejects.toMatchObject({ code: 'gateway-tls-unusable' });
    gateway.configure();
    await gateway.begin();
  });

  it('end a process with 0 after SIGTERM, its clients told', async () => {
    await gateway.end();
    await using child = spawnWorker(fileURLToPath(new URL('./main.ts', import.meta.url)), {
      args: ['--config', gateway.config.path],
    });
    await child.log.waitFor('gateway.listening');
    const client = await gateway.client('anna');
    await client.request('subscribeEvents', {});
    child.kill('SIGTERM');
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(client.pushes.map((push) => push.method)).toEqual(['closing']);
    expect(await child.exited).toMatchObject({ code: 0 });
    await gateway.begin();
    await soon(async () => expect((await fetch(`${gateway.base}/healthz`)).status).toBe(200));
  });
});
