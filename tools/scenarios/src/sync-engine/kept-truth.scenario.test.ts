import { until } from 'stack-driver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from './engine-world.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => ({ mailbox: ANNA, subject: `${name} ${String(n).padStart(3, '0')}` }));

let world: EngineWorld;
beforeAll(async () => {
  world = await EngineWorld.start([ANNA, BORIS]);
  await world.seed({ mailbox: ANNA, subject: 'first' });
  world.work();
  await world.untilCached();
}, 60_000);
afterEach(() => world.calm());
afterAll(() => world.end(), 60_000);

/** Waits until the cache of Anna's calendar holds what the calendar itself holds. */
async function untilTrue(): Promise<void> {
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const to = new Date(Date.now() + 40 * 86_400_000).toISOString();
  const query = new URLSearchParams({ mailbox: ANNA, from, to });
  await until('the cache holds the truth', async () => {
    const truth = (await world.control('GET', `/truth?${query}`)) as { subject: string }[];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold is not kept
    const wanted = truth.map(({ subject }) => subject.replace(/[\u0000-\u001f]/g, '')).sort();
    return JSON.stringify(await world.subjects(ANNA)) === JSON.stringify(wanted) ? true : undefined;
  });
}

async function gone(): Promise<number> {
  const { rows } = await world.db.database.query("SELECT FROM calendar.change WHERE kind IN ('gone', 'aged')");
  return rows.length;
}

describe('the cache holds what the calendar holds', () => {
  it('when Exchange writes characters that XML forbids into one of fifty items (trap 1)', async () => {
    const items = many(50, 'trap 1');
    await world.seed(...items.slice(1), { mailbox: ANNA, subject: 'trap 1 spoilt\u0000\u001a' });
    await until('all fifty are there', async () => ((await world.subjects(ANNA)).length === 51 ? true : undefined));
    expect(await world.subjects(ANNA)).toContain('trap 1 spoilt');
  }, 60_000);

  it('when one item of a batch cannot be read, which is counted and shown (trap 19)', async () => {
    const rule = { operation: 'GetItem', mailbox: ANNA, times: null };
    await world.disturb({ ...rule, action: { form: 'responseMessage', code: 'ErrorCorruptData', positions: [0] } });
    const before = (await world.subjects(ANNA)).length;
    await world.seed(...many(25, 'trap 19'));
    await until('all are there, one by the view alone, and it is counted', async () =>
      (await world.subjects(ANNA)).length === before + 25 &&
      (await world.withoutDetails(ANNA)) === 1 &&
      (await world.mailbox(ANNA)).unreadItems === 1
        ? true
        : undefined,
    );
    await world.calm();
    await untilTrue();
    await until('nothing is unread', async () => ((await world.mailbox(ANNA)).unreadItems === 0 ? true : undefined));
    expect(await world.withoutDetails(ANNA)).toBe(0);
  }, 60_000);

  it.each([
    ['an empty state on a busy answer', { form: 'responseMessage', code: 'ErrorServerBusy', backOffMs: 1 }],
    ['a state that is refused', { form: 'responseMessage', code: 'ErrorInvalidSyncStateData' }],
    ['a state that is refused by a fault', { form: 'soapFault', code: 'ErrorInvalidSyncStateData' }],
  ] as const)(
    'after %s: no row goes before a resync succeeded (trap 8)',
    async (_, action) => {
      const before = await gone();
      await world.disturb({ operation: 'SyncFolderItems', mailbox: ANNA, action });
      await world.disturb({
        operation: 'FindItem',
        mailbox: ANNA,
        action: { form: 'soapFault', code: 'ErrorConnectionFailed' },
      });
      await world.seed({ mailbox: ANNA, subject: `trap 8 ${action.form} ${action.code}` });
      await untilTrue();
      expect(await gone()).toBe(before);
      expect((await world.mailbox(ANNA)).syncState).toMatch(/./);
    },
    60_000,
  );

  it('after all sync states were lost while the calendar changed (trap 8)', async () => {
    await world.control('POST', '/sync-states/lose');
    await world.seed({ mailbox: ANNA, subject: 'after the loss' });
    await untilTrue();
  }, 60_000);

  it('after a mailbox was moved for a while and its sync states were lost on the way (trap 23)', async () => {
    const before = await world.mailbox(ANNA);
    await world.disturb({
      mailbox: ANNA,
      times: null,
      action: { form: 'soapFault', code: 'ErrorMailboxMoveInProgress' },
    });
    await until('it waits for minutes', async () =>
      (await world.mailbox(ANNA)).retrySeconds >= 180 ? true : undefined,
    );
    expect(await world.mailbox(ANNA)).toMatchObject({ status: 'stale', syncState: before.syncState });
    await world.calm();
    await world.control('POST', `/sync-states/lose?mailbox=${ANNA}`);
    await world.seed({ mailbox: ANNA, subject: 'after the move' });
    await world.db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()');
    await untilTrue();
    expect((await world.mailbox(ANNA)).status).toBe('ok');
  }, 60_000);

  it('whichever request a worker is killed at (trap 9)', async () => {
    for (const [operation, skip] of [
      ['SyncFolderItems', 0],
      ['FindItem', 0],
      ['GetItem', 1],
    ] as const) {
      const [worker] = world.workers.splice(0);
      // The answer never comes: the worker is in the middle of it when it dies.
      await world.disturb({ operation, mailbox: ANNA, skip, delayMs: 60_000, action: { form: 'delay' } });
      await world.seed(...many(40, `killed at ${operation} ${skip}`));
      await until(`${operation} is under way`, async () =>
        ((await world.control('GET', '/faults')) as { struck: number }[]).some(({ struck }) => struck > 0)
          ? true
          : undefined,
      );
      worker?.kill('SIGKILL');
      await worker?.exited;
      await world.forgetWorkers();
      await world.calm();
      world.work();
      await untilTrue();
    }
  }, 120_000);

  it('when a worker is paused past its lease in the middle of a sync: what it brings then is refused', async () => {
    const [paused] = world.workers;
    await world.disturb({ operation: 'GetItem', mailbox: ANNA, delayMs: 1_500, action: { form: 'delay' } });
    await world.seed({ mailbox: ANNA, subject: 'as it was' }, { mailbox: ANNA, subject: 'goes' });
    await until('its GetItem is under way', async () =>
      ((await world.control('GET', '/faults')) as { struck: number }[]).some(({ struck }) => struck > 0)
        ? true
        : undefined,
    );
    paused?.kill('SIGSTOP');
    await world.forgetWorkers();
    world.work(1);
    await until(
      'another worker has synchronized it',
      async () => ((await world.subjects(ANNA)).includes('goes') ? true : undefined),
      { patienceMs: 60_000 },
    );
    await world.seed({ mailbox: ANNA, subject: 'newer' });
    await untilTrue();
    const { rows: before } = await world.db.database.query('SELECT max(seq) AS seq FROM calendar.change');
    paused?.kill('SIGCONT');
    await paused?.log.waitFor(({ event, mailbox }) => event === 'sync.stale' && mailbox === ANNA);
    await untilTrue();
    const { rows: after } = await world.db.database.query('SELECT max(seq) AS seq FROM calendar.change');
    expect(after).toEqual(before);
  }, 120_000);
});
