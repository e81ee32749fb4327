import type { Consumer } from 'calendar-db/changes';
import { describe, expect, it } from 'vitest';
import { type PassQuestion, passReason } from './pass-reason.ts';

const HOUR = 3_600_000;

/** A consumer whose last pass was made an hour ago by the launcher's own rules, but for what is `given`. */
function consumer(given: Partial<Consumer> = {}): Consumer {
  return {
    ...{ epoch: 'e', seq: 4, configDigest: 'mine', fullPassAgeMs: HOUR },
    ...{ passDigest: null, passAfter: null, passIdleMs: null, mixedRules: false },
    ...given,
  };
}

const under = (passDigest: string, given: Partial<Consumer> = {}) =>
  consumer({ passDigest, passIdleMs: 1_000, ...given });

const reason = (row: Consumer, occasion: PassQuestion['occasion'] = null, isRecoverable = true) =>
  passReason(row, { isRecoverable, digest: 'mine', occasion });

describe('a full pass', () => {
  it('begins whenever changes were lost, also in place of one under way', () => {
    expect(reason(consumer(), null, false)).toBe('changes-lost');
    expect(reason(under('mine'), 'started', false)).toBe('changes-lost');
  });

  it('begins once a day, or when there never was one', () => {
    expect(reason(consumer({ fullPassAgeMs: 23 * HOUR }))).toBeNull();
    expect(reason(consumer({ fullPassAgeMs: 25 * HOUR }))).toBe('daily');
    expect(reason(consumer({ fullPassAgeMs: null }))).toBe('daily');
    expect(reason(under('others', { fullPassAgeMs: 25 * HOUR }))).toBeNull();
  });

  it('begins with a start, unless one by the same rules is fresh or under way', () => {
    expect(reason(consumer(), 'started')).toBe('started');
    expect(reason(consumer({ fullPassAgeMs: 59_000 }), 'started')).toBeNull();
    expect(reason(consumer({ fullPassAgeMs: 59_000, configDigest: 'others' }), 'started')).toBe('started');
    expect(reason(under('mine'), 'started')).toBeNull();
    expect(reason(under('others'), 'started')).toBe('started');
  });

  it('begins with a reload, unless the last one or the one under way is by the same rules', () => {
    expect(reason(consumer(), 'reloaded')).toBeNull();
    expect(reason(consumer({ configDigest: 'others' }), 'reloaded')).toBe('reloaded');
    expect(reason(under('mine'), 'reloaded')).toBeNull();
    expect(reason(under('others'), 'reloaded')).toBe('reloaded');
  });

  it('begins with a start or reload when others planned by other rules behind it', () => {
    expect(reason(consumer({ mixedRules: true }), 'reloaded')).toBe('reloaded');
    expect(reason(under('mine', { mixedRules: true }), 'started')).toBe('started');
    expect(reason(under('mine', { mixedRules: true }))).toBeNull();
  });

  it('is left to launchers with its rules until it stands still for a minute', () => {
    expect(reason(under('others', { passIdleMs: 59_000 }))).toBeNull();
    expect(reason(under('others', { passIdleMs: 61_000 }))).toBe('abandoned');
    expect(reason(under('mine', { passIdleMs: 61_000 }))).toBeNull();
  });
});
