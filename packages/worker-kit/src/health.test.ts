import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';

describe('health', () => {
  it('is unready until a check was told the first time', () => {
    const health = new Health();
    const check = health.check('database', { maxAgeMs: 1_000 });
    expect(health.report()).toMatchObject({ state: 'unready', ready: false, checks: { database: { at: null } } });
    check.ok();
    expect(health.report()).toMatchObject({ state: 'ok', ready: true });
  });

  it('turns unready when a check is not told again in time, and says what it last was', () => {
    let now = 1_000_000;
    const health = new Health(() => now);
    health.check('exchange', { maxAgeMs: 5_000 }).degraded('slow');
    now += 5_000;
    expect(health.report()).toMatchObject({ state: 'degraded', ready: true });
    now += 1;
    expect(health.report()).toMatchObject({
      ready: false,
      checks: { exchange: { state: 'unready', detail: 'not checked for 5 s; last: degraded, slow' } },
    });
  });

  it('is as bad as its worst check, and a check that cannot be worked out is bad', () => {
    const health = new Health();
    health.check('a', { maxAgeMs: 1_000 }).ok();
    const b = health.check('b', { maxAgeMs: 1_000 });
    b.degraded('look');
    expect(health.report().state).toBe('degraded');
    health.computed('c', () => {
      throw new Error('no idea');
    });
    expect(health.report()).toMatchObject({ state: 'unready', checks: { c: { detail: 'cannot be told: no idea' } } });
    health.remove('c');
    b.ok();
    expect(health.report().state).toBe('ok');
  });
});
