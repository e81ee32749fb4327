import { until, type WorkerName } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareClients } from './proof/compare-clients.ts';
import { compareDatabase } from './proof/compare-database.ts';
import { type ConferenceProof, proveConferences } from './proof/conference-proof.ts';
import { ChangeStream } from './story/change-stream.ts';
import { catchClaim, troubleRequests } from './story/claim-catch.ts';
import { catchDelivery } from './story/delivery-catch.ts';
import { KillLog } from './story/kill-log.ts';
import { killAgainAndAgain } from './story/killer.ts';
import { catchLease } from './story/lease-catch.ts';
import { World } from './story/world.ts';

/** Kills that must land between a claim, lease or delivery and its confirmation. */
const WANTED: Readonly<Record<WorkerName, number>> = { launcher: 20, 'sync-worker': 5, 'ws-gateway': 5 };
/** A claim or lease of a dead worker is waited out, perhaps several times over; then the rest is a matter of a moment. */
const RECOVERY_MS = 75_000;

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
    let claimKills = 0;
    const killClaims = (instance: number) => ({
      look: () => catchClaim(database, fleet, instance),
      prepare: () => troubleRequests(trueconf, claimKills++),
      pauseMs: 100,
      log,
    });
    const killing = Promise.all([
      killAgainAndAgain(killClaims(0), over.signal),
      killAgainAndAgain(killClaims(1), over.signal),
      killAgainAndAgain({ look: () => catchLease(database, fleet), pauseMs: 8_000, log }, over.signal),
      killAgainAndAgain({ look: () => catchDelivery(database, fleet, clients), pauseMs: 8_000, log }, over.signal),
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
  });

  it('lost nothing: database and clients hold what Exchange holds, field by field', async () => {
    const inDatabase = await agreed('the database agrees with Exchange', () =>
      compareDatabase(world.database, world.exchange),
    );
    const atClients = await agreed('every client agrees with Exchange', () =>
      compareClients(world.clients, world.exchange),
    );
    const losses = world.clients.map(({ losses: lost }) => lost);
    console.table({
      'changes saved in Exchange': stream.changes,
      'events compared in the database': inDatabase,
      'events compared at the clients': atClients,
      'connections lost by each client': losses.join(' '),
    });
    expect(Math.min(...losses)).toBeGreaterThanOrEqual(WANTED['ws-gateway']);
  });

  it('created and started each conference once, and none early', async () => {
    const proof = await agreed('TrueConf did what it should', async () => {
      const found = await proveConferences(world.trueconf, stream.meetings);
      return { differing: found.wrong, compared: found };
    });
    tell(proof);
    failed = false;
  });
});

/** Waits until nothing differs. @throws NotInTimeError with what differs to the last */
function agreed<Compared>(
  what: string,
  compare: () => Promise<{ differing: string[]; compared: Compared }>,
): Promise<Compared> {
  return until(
    what,
    async () => {
      const { differing, compared } = await compare();
      if (differing.length === 0) return compared;
      throw new Error(`${differing.length} differences:\n  ${differing.slice(0, 12).join('\n  ')}`);
    },
    { patienceMs: RECOVERY_MS, everyMs: 500 },
  );
}

function tell({ created, started, repeatedCreates, repeatedRuns, lateness }: ConferenceProof): void {
  const at = (share: number) => Math.round(lateness[Math.floor(share * (lateness.length - 1))] ?? Number.NaN);
  console.table({
    'conferences created': created,
    'creates tried again in vain': repeatedCreates,
    'conferences started': started,
    'runs tried again in vain': repeatedRuns,
    'median lateness, ms': at(0.5),
    'worst lateness, ms': at(1),
  });
}
