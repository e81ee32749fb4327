import type { CalendarDatabase } from 'calendar-db/database';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { listWorkers, type WorkerEntry } from 'calendar-db/workers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseClock } from './database-clock.ts';
import { RunningState } from './running-state.ts';
import { CapturedLog } from './testing/index.ts';
import { WorkerRegistry } from './worker-registry.ts';

describe('the registry of workers', () => {
  let db: TestDatabase;
  const stops: (() => Promise<void>)[] = [];
  let made = 0;

  /** A registered worker with quick heartbeats; dead after 400 ms of silence. */
  function join(entry: Partial<WorkerEntry> = {}) {
    const log = new CapturedLog().logger();
    const running = new RunningState('registry', log);
    made++;
    const registry = new WorkerRegistry({
      database: db.database,
      running,
      log,
      heartbeatMs: 50,
      deadAfterMs: 400,
      entry: {
        workerId: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
        kind: 'sync-worker',
        host: 'host-a',
        instance: made,
        pid: made,
        version: '1.0.0',
        configDigests: { cache: 'same' },
        keyId: 'aabbccdd',
        opsAddress: null,
        lists: [],
        draining: false,
        ...entry,
      },
    });
    const ended = registry.run();
    /** Falls silent without taking its entry out, as after kill -9. */
    const kill = async () => {
      running.stop();
      await ended;
    };
    stops.push(kill);
    return { registry, kill, id: registry.entry.workerId };
  }

  const ids = (registry: WorkerRegistry) => registry.livePeers('sync-worker').map((peer) => peer.workerId);

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await db.database.query('DELETE FROM calendar.worker');
  });
  afterAll(() => db.drop());

  it('shows every worker all live ones of a kind, itself included, and tells when one comes', async () => {
    const first = join();
    let changes = 0;
    first.registry.onChange(() => changes++);
    await expect.poll(() => ids(first.registry)).toEqual([first.id]);
    const second = join();
    join({ kind: 'launcher' });
    await expect.poll(() => ids(first.registry)).toEqual([first.id, second.id]);
    await expect.poll(() => ids(second.registry)).toEqual([first.id, second.id]);
    expect(changes).toBeGreaterThanOrEqual(2);
  });

  it('counts a worker as dead when its heartbeats stop, and still shows its entry to the operator', async () => {
    const survivor = join();
    const victim = join();
    await expect.poll(() => ids(survivor.registry)).toEqual([survivor.id, victim.id]);
    await victim.kill();
    await expect.poll(() => ids(survivor.registry)).toEqual([survivor.id]);
    expect((await listWorkers(db.database)).map((worker) => worker.workerId)).toContain(victim.id);
  });

  it('drops the entry of a killed worker as soon as another listens at its ops address', async () => {
    const victim = join({ opsAddress: '127.0.0.1:4320' });
    await expect.poll(() => ids(victim.registry)).toEqual([victim.id]);
    await victim.kill();
    const next = join({ opsAddress: '127.0.0.1:4320' });
    const elsewhere = join({ opsAddress: '127.0.0.1:4320', host: 'host-b' });
    await expect.poll(() => ids(next.registry)).toEqual([next.id, elsewhere.id]);
    expect((await listWorkers(db.database)).map((worker) => worker.workerId)).not.toContain(victim.id);
  });

  it('shows what a worker changed about itself and makes a lost entry again', async () => {
    const one = join();
    const other = join();
    await expect.poll(() => ids(other.registry)).toHaveLength(2);
    one.registry.update({ draining: true, configDigests: { cache: 'other' } });
    const seen = () => other.registry.livePeers().find((peer) => peer.workerId === one.id);
    await expect.poll(seen).toMatchObject({ draining: true, configDigests: { cache: 'other' } });
    await db.database.query('DELETE FROM calendar.worker WHERE worker_id = $1', [one.id]);
    await expect.poll(async () => (await listWorkers(db.database)).length).toBe(2);
    await expect.poll(seen).toMatchObject({ draining: true });
  });

  it('does not notify about mere heartbeats', async () => {
    const { registry } = join();
    await expect.poll(() => ids(registry)).toHaveLength(1);
    let changes = 0;
    registry.onChange(() => changes++);
    const before = registry.refreshedAt ?? 0;
    await expect.poll(() => registry.refreshedAt ?? 0).toBeGreaterThan(before + 150);
    expect(changes).toBe(0);
  });
});

describe('the estimate of the database’s clock', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('is off by at most half a round trip', async () => {
    const clock = new DatabaseClock(db.database);
    expect(clock.known).toBe(false);
    await clock.refresh();
    // The server runs on this very machine, so its clock is ours.
    expect(Math.abs(clock.now() - (performance.timeOrigin + performance.now()))).toBeLessThanOrEqual(
      clock.roundTripMs / 2 + 25,
    );
    expect(Math.abs(clock.offsetMs)).toBeLessThanOrEqual(clock.roundTripMs / 2 + 25);
  });

  it('follows the sample with the shortest round trip', async () => {
    const answers = [
      { delayMs: 0, aheadMs: 60_000 },
      { delayMs: 80, aheadMs: 60_040 },
      { delayMs: 80, aheadMs: 60_030 },
    ];
    const clock = new DatabaseClock(slowDatabase(answers));
    await clock.refresh();
    expect(clock.roundTripMs).toBeLessThan(80);
    expect(Math.round(clock.offsetMs / 1000)).toBe(60);
  });

  it('begins anew when the database’s clock was set', async () => {
    const jump = { delayMs: 0, aheadMs: 3_600_000 };
    const now = { delayMs: 0, aheadMs: 0 };
    const clock = new DatabaseClock(slowDatabase([now, now, now, jump]));
    await clock.refresh();
    await clock.refresh();
    expect(Math.round(clock.offsetMs / 60_000)).toBe(60);
  });

  /** Answers with a clock that is ahead of ours, after a delay on the way back. */
  function slowDatabase(answers: { delayMs: number; aheadMs: number }[]): CalendarDatabase {
    const left = [...answers];
    const query = async () => {
      const { delayMs, aheadMs } = left.shift() ?? { delayMs: 0, aheadMs: 0 };
      const now = performance.timeOrigin + performance.now() + aheadMs;
      const until = performance.now() + delayMs;
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
      return { rows: [{ now }] };
    };
    return { query } as unknown as CalendarDatabase;
  }
});
