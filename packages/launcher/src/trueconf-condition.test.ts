import { TrueConfError, type TrueConfErrorClass, type TrueConfErrorCode } from 'trueconf-client';
import { describe, expect, it } from 'vitest';
import { CapturedLog } from 'worker-kit/testing';
import { trueConfCondition } from './trueconf-condition.ts';

const failure = (errorClass: TrueConfErrorClass, code: TrueConfErrorCode = 'trueconf-server-error') =>
  new TrueConfError('TrueConf Server tiny: failed', { code, errorClass, sent: 'no' });

describe('the condition of a TrueConf Server', () => {
  const opened = () => {
    const log = new CapturedLog();
    const changes: boolean[] = [];
    const condition = trueConfCondition('tiny', log.logger(), (isAway) => changes.push(isAway));
    return { log, changes, condition };
  };

  it('takes three transient failures in a row for the server being away, and tells it once', async () => {
    const { log, changes, condition } = opened();
    for (let n = 0; n < 2; n++) condition.learn(failure('transient'));
    expect(condition).toMatchObject({ down: null });
    expect(condition.allow(5)).toBe(5);
    for (let n = 0; n < 4; n++) condition.learn(failure('transient'));
    expect(condition.down).toContain('failed');
    expect(condition.heldMs).toBeGreaterThan(0);
    expect(condition.allow(5)).toBe(0);
    await condition.observe(async () => 'conference');
    expect(condition.allow(5)).toBe(5);
    expect(changes).toEqual([true, false]);
    expect(log.events()).toEqual(['trueconf.server-away', 'trueconf.server-back']);
  });

  it.each<TrueConfErrorClass>(['auth', 'config'])('takes one %s failure for it, since waiting helps little', (kind) => {
    const { condition } = opened();
    condition.learn(failure(kind));
    expect(condition.down).not.toBeNull();
  });

  it('takes what the server says about one conference for an answer', () => {
    const { condition } = opened();
    for (let n = 0; n < 2; n++) condition.learn(failure('transient'));
    condition.learn(failure('permanent', 'trueconf-refused'));
    condition.learn(failure('transient'));
    condition.learn(failure('transient', 'trueconf-aborted'));
    expect(condition.down).toBeNull();
  });
});
