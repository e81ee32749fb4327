import { until, type WorkerName } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proveConferencesOnce, proveNothingLost } from './proof/prove-all.ts';
import { ChangeStream } from './story/change-stream.ts';
import { catchClaim, troubleRequests } from './story/claim-catch.ts';
import { catchDelivery } from './story/delivery-catch.ts';
import { KillLog } from './story/kill-log.ts';
import { killAgainAndAgain } from './story/killer.ts';
import { catchLease } from './story/lease-catch.ts';
import { World } from './story/world.ts';

/** Kills that must land between a claim, lease or delivery and its confirmation. */
const WANTED: Readonly<Record<WorkerName, number>> = { launcher: 20, 'sync-worker': 5, 'ws-gateway': 5 };

describe('kill -9 of every worker during a stream of changes', () => {
  const log = new KillLog();
  let world: World;
  let stream: ChangeStream;
  let failed = true;

  beforeAll(async () => {
    world = await World.start(() => ({
      count: { 'sync-worker': 2, 'ws-gateway': 1, launcher: 2 },
      // Small sync groups, so that both sync-workers have some.
      change: (config) => Object.assign(config, { sync: { pollSeconds: 0.2, groupSize: 2 } }),
    }));
  });

  afterAll(() => world?.end({ keepLogs: failed }));

  it('kills them with claims, leases and deliveries in hand while meetings are planned and begin', async () => {
    const { database, fleet, trueconf, exchange, clients } = world;
    stream = new ChangeStream(world.stack.addresses.ews, exchange);
    const over = new AbortController();
    // Reading a changed calendar takes long enough to be caught at it.
    await exchange.disturb({ operation: 'FindItem', times: null, delayMs: 120, action: { form: 'delay' } });
    const common = { log, database };
    let claimKills = 0;
    const killClaims = (instance: number) => ({
      look: () => catchClaim(database, fleet, instance),
      prepare: () => troubleRequests(trueconf, claimKills++),
      pauseMs: 100,
      ...common,
    });
    const killing = Promise.all([
      killAgainAndAgain(killClaims(0), over.signal),
      killAgainAndAgain(killClaims(1), over.signal),
      killAgainAndAgain({ look: () => catchLease(database, fleet), pauseMs: 6_000, ...common }, over.signal),
      killAgainAndAgain(
        { look: () => catchDelivery(database, fleet, clients), pauseMs: 6_000, ...common },
        over.signal,
      ),
    ]);
    const enough = () => Object.entries(WANTED).every(([worker, count]) => log.between(worker as WorkerName) >= count);
    await Promise.race([stream.run(48, 110, enough), killing]);
    await until('the last meeting begins', () => (Date.now() > stream.lastStartMs ? true : undefined), {
      patienceMs: 90_000,
    });
    over.abort();
    await killing;
    await Promise.all([trueconf.calm(), exchange.calm()]);
    console.table(log.table());
    for (const [worker, count] of Object.entries(WANTED)) {
      expect(log.between(worker as WorkerName), `kills of a ${worker} in the act`).toBeGreaterThanOrEqual(count);
    }
  }, 300_000);

  it('lost nothing: database and clients hold what Exchange holds, field by field', async () => {
    await proveNothingLost(world, stream);
    const losses = world.clients.map((client) => client.losses);
    expect(Math.min(...losses), 'every client came back and went on').toBeGreaterThanOrEqual(WANTED['ws-gateway']);
  });

  it('created and started each conference once, and none early', async () => {
    await proveConferencesOnce(world, stream);
    failed = false;
  });
});
