import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ExchangeWorld } from './exchange/exchange-world.ts';
import { type ToldBy, wrongInLog } from './exchange/worker-logs.ts';

describe('troubles with Exchange, under two sync-workers', () => {
  let world: ExchangeWorld;
  let failed = false;

  beforeAll(async () => {
    world = await ExchangeWorld.start({ mailboxes: 20, syncWorkers: 2 });
  }, 300_000);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed = true;
  });
  afterAll(() => world?.end({ keepLogs: failed }));

  async function toldOnlyBy(...expected: ToldBy[]): Promise<void> {
    const lines = await world.logs.news();
    for (const l of lines) console.log(l.worker, l.level, l.event, l.message);
    expect(wrongInLog(lines, expected)).toEqual([]);
  }

  it('answers 503', async () => {
    await world.exchange.disturb({
      operation: ['SyncFolderItems', 'FindItem', 'GetItem', 'GetFolder'],
      times: null,
      action: { form: 'http', status: 503 },
    });
    await world.changes.make(10);
    await new Promise((r) => setTimeout(r, 12000));
    await world.exchange.calm();
    await world.changes.make(5);
    console.log(await world.agrees());
    await toldOnlyBy({ event: 'provider.down' });
  });

  it('loses all sync states', async () => {
    await world.exchange.loseSyncStates();
    await world.changes.make(10);
    console.log(await world.agrees());
    await toldOnlyBy();
  });
});
