import { countConnections, whileTablesAreHeld } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LauncherHouse } from './testing/launcher-house.ts';

describe('a launcher', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open({ conferences: { safetyPollMs: 100 } });
  });
  afterAll(() => house.close());

  it('opens as many connections as it is said to need, whatever waits for the database, and closes them', async () => {
    const connections = () => countConnections(house.database, 'launcher');
    const launcher = await house.launch();
    await launcher.log.waitFor('worker.ready');
    const tables = ['calendar.conference', 'calendar.consumer', 'calendar.address_map', 'calendar.worker'];
    const counts: number[] = [];
    await whileTablesAreHeld(house.db.options, tables, async () => {
      await expect
        .poll(async () => counts[counts.push(await connections()) - 1], { timeout: 8_000, interval: 20 })
        .toBe(4 + 1);
    });
    counts.push(await connections());
    expect(Math.max(...counts)).toBe(4 + 1);
    house.configure({ conferences: { safetyPollMs: 0 } });
    await launcher.worker.reload();
    await expect.poll(connections, { timeout: 40_000, interval: 200 }).toBeLessThanOrEqual(3 + 1);
  }, 60_000);
});
