import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExchangeWorld } from './exchange/exchange-world.ts';
import { compareWithExchangelib, workInCalendars } from './exchange/exchangelib.ts';
import { wreakHavoc } from './exchange/worker-havoc.ts';
import { agreed } from './proof/agreed.ts';

const MAILBOXES = 20;
const CHANGES = 250;
const MOST_SECONDS = 75;
const MOST_WORKERS = 4;

describe('an hour of a company’s work in 75 seconds, while sync-workers are killed, halted and added', () => {
  let world: ExchangeWorld;
  let failed = true;

  beforeAll(async () => {
    world = await ExchangeWorld.start({ mailboxes: MAILBOXES, syncWorkers: 2 });
  }, 300_000);

  afterAll(() => world?.end({ keepLogs: failed }));

  it('every mailbox equals what exchangelib reads of it, and what Exchange holds', async () => {
    // Reading a changed calendar takes long enough to be killed at it.
    await world.exchange.disturb({
      operation: ['SyncFolderItems', 'FindItem', 'GetItem'],
      times: null,
      delayMs: 60,
      action: { form: 'delay' },
    });
    const over = new AbortController();
    const havoc = wreakHavoc(world, MOST_WORKERS, over.signal);
    const kinds = new Map<string, number>();
    try {
      const { done, refused } = await workInCalendars(
        world,
        { changes: CHANGES, mostSeconds: MOST_SECONDS },
        ({ did }) => {
          if (did !== undefined) kinds.set(did, (kinds.get(did) ?? 0) + 1);
        },
      );
      expect(done).toBeGreaterThan(0);
      over.abort();
      const { killed, paused, added } = await havoc;
      await world.exchange.calm();
      const byTruth = await world.agrees();
      const byExchangelib = await agreed('the database agrees with exchangelib', () => compareWithExchangelib(world));
      console.table({
        changes: done,
        refused,
        ...Object.fromEntries(kinds),
        killed,
        paused,
        added,
        byTruth,
        byExchangelib,
      });
      expect(byExchangelib).toBe(byTruth);
      expect(killed).toBeGreaterThan(0);
      expect(paused).toBeGreaterThan(0);
      failed = false;
    } finally {
      over.abort();
      await havoc.catch(() => undefined);
    }
  }, 300_000);
});
