import { allZones } from 'calendar-model';
import { expect, it } from 'vitest';
import { knowAllZones, offsetsOf } from './zone-offsets.ts';

it('lets everybody else have a turn while it gets to know all zones', async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await knowAllZones();
  isDone = true;
  // In one go there would be none in between.
  expect(turns).toBeGreaterThan(allZones().length / 20);
});

it.each([
  ['Europe/Berlin', '2026-01-15T12:00:00Z', 60],
  ['Europe/Berlin', '2026-07-15T12:00:00Z', 120],
  ['America/St_Johns', '2026-01-15T12:00:00Z', -210],
  ['Asia/Kathmandu', '2026-01-15T12:00:00Z', 345],
  ['UTC', '2026-01-15T12:00:00Z', 0],
])('%s at %s is %i minutes east of UTC', (zone, instant, minutes) => {
  expect(offsetsOf(zone)(Date.parse(instant))).toBe(minutes);
});
