import { afterEach, expect, test, vi } from 'vitest';
import { WallClock } from './wall-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('is never ahead of the system clock and hardly behind', () => {
  const clock = new WallClock();
  for (let i = 0; i < 1000; i += 1) {
    const before = Date.now();
    const now = clock.now();
    expect(now).toBeGreaterThan(before - 5);
    expect(now).toBeLessThan(Date.now() + 1);
  }
});

test.each([-3_600_000, 3_600_000])('follows a system clock that is set by %i ms', (step) => {
  const clock = new WallClock();
  const system = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => system() + step);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50);
});
