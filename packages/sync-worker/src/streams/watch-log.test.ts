import { describe, expect, it } from 'vitest';
import { TroubleLog } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import type { WatchTrouble } from '../engine/calendar-watch.ts';
import { WatchLog } from './watch-log.ts';

const restart: WatchTrouble = {
  reason: 'failed',
  retryMs: 15_000,
  byLimit: false,
  isReported: false,
  error: new Error('gone'),
};
const refused: WatchTrouble = { ...restart, reason: 'refused' };

describe('what people read of streams', () => {
  const captured = new CapturedLog();
  const troubles = new TroubleLog(captured.logger());
  const groups = ['exchange/1', 'exchange/2', 'other/1'].map(
    (group) => new WatchLog(captured.logger(), group, troubles),
  ) as [WatchLog, WatchLog, WatchLog];
  const told = () =>
    captured.entries.splice(0).flatMap(({ level, event, group }) => (level === 'debug' ? [] : [`${event} ${group}`]));

  it('is one line per server and reason, however many groups lost theirs, and one when all are back', () => {
    const [one, two, other] = groups;
    for (const log of groups) log.lost(5, restart);
    expect(told()).toEqual(['stream.lost exchange/1', 'stream.lost other/1']);
    two.lost(5, refused);
    expect(told()).toEqual(['stream.lost exchange/2']);
    one.watching(5);
    two.watching(5);
    other.end();
    expect(told()).toEqual(['stream.back exchange/1', 'stream.back exchange/2']);
    two.lost(5, restart);
    one.lost(5, restart);
    two.watching(5);
    expect(told()).toEqual(['stream.lost exchange/2']);
    one.watching(5);
    expect(told()).toEqual(['stream.back exchange/1']);
  });

  it('is nothing where an earlier line says why the server is left alone', () => {
    groups[0].lost(5, { ...restart, isReported: true });
    expect(told()).toEqual([]);
  });
});
