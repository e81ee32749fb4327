import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Health } from './health.ts';
import { MetricsRegistry } from './metrics.ts';
import { OpsListener } from './ops-listener.ts';
import { OpsRoutes } from './ops-routes.ts';

describe('the ops listener', () => {
  let health: Health;
  let metrics: MetricsRegistry;
  let listener: OpsListener;
  let base: string;
  const make = (port: number) =>
    new OpsListener({
      host: '127.0.0.1',
      port,
      health,
      metrics,
      routes: new OpsRoutes(),
      identity: () => ({ kind: 'launcher' }),
    });

  beforeEach(async () => {
    health = new Health();
    metrics = new MetricsRegistry({ worker: 'launcher' });
    listener = make(0);
    base = `http://${await listener.listen()}`;
  });
  afterEach(() => listener.close());

  it('tells load balancers whether to come, and people why not', async () => {
    const check = health.check('database', { maxAgeMs: 60_000 });
    check.unready('does not answer');
    expect((await fetch(`${base}/healthz`)).status).toBe(503);
    const unready = await fetch(`${base}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toMatchObject({ checks: { database: { detail: 'does not answer' } } });
    check.degraded('slow');
    const degraded = await fetch(`${base}/healthz`);
    expect([degraded.status, await degraded.text()]).toEqual([200, 'ok\n']);
  });

  it('gives metrics with the worker’s label, and refuses names that are not ours', async () => {
    metrics.counter({ name: 'calendar_starts_total', help: 'Started conferences.' }).inc(3);
    expect(metrics.counter({ name: 'calendar_starts_total', help: 'Started conferences.' })).toBeDefined();
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('calendar_starts_total{worker="launcher"} 3');
    expect(() => metrics.gauge({ name: 'starts', help: '' })).toThrow('must begin with calendar_');
  });

  it('leaves nothing behind however often it tries a port that is taken', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on('warning', onWarning);
    const late = make(Number(new URL(base).port));
    for (let tries = 0; tries < 20; tries += 1) await expect(late.listen()).rejects.toThrow('EADDRINUSE');
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    await listener.close();
    expect(`http://${await late.listen()}`).toBe(base);
    await late.close();
    expect(warnings).toEqual([]);
  });

  it('refuses other methods, unknown paths and names that a web page could make up', async () => {
    expect((await fetch(`${base}/healthz`, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await fetch(`${base}/etc`)).status).toBe(404);
    expect(await statusWithHost('rebound.example')).toBe(403);
    expect(await statusWithHost('not a host')).toBe(403);
    expect(await statusWithHost('localhost:1')).toBe(404);
    expect(await statusWithHost('[::1]:1')).toBe(404);
  });

  it('says that its port is taken and can be tried again', async () => {
    const { port } = new URL(base);
    const second = make(Number(port));
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await listener.close();
    expect(await second.listen()).toBe(`127.0.0.1:${port}`);
    await second.close();
  });

  function statusWithHost(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request(`${base}/`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end();
    });
  }
});
