import { beforeEach, describe, expect, it } from 'vitest';
import type { LogLevel } from './log.ts';
import { CapturedLog } from './testing/index.ts';
import { TroubleLog } from './trouble-log.ts';

const MINUTE_MS = 60_000;
let now: number;
let captured: CapturedLog;
let troubles: TroubleLog<number>;
beforeEach(() => {
  now = 1_000;
  captured = new CapturedLog();
  const options = { repeatAfterMs: 10 * MINUTE_MS, forgetAfterMs: 30 * MINUTE_MS, now: () => now };
  troubles = new TroubleLog(captured.logger(), options);
});

const begin = (member: number, cause: string, level: LogLevel = 'warn') =>
  troubles.begin(member, cause, { level, event: 'box.failed', message: `${member}: ${cause}` });
const end = (member: number) =>
  troubles.end(member, ({ members }) => ({ level: 'info', event: 'box.back', message: `${members} work again` }));
/** What was written since the last look, without debug. */
const written = () =>
  captured.entries
    .splice(0)
    .flatMap(({ level, event, message }) => (level === 'debug' ? [] : [`${level} ${event} ${message}`]));

describe('TroubleLog', () => {
  it('writes one line when a trouble begins and one when it ends', () => {
    for (let n = 0; n < 5; n++) begin(1, 'store away');
    expect(end(1)).toBe('ended');
    expect(written()).toEqual(['warn box.failed 1: store away', 'info box.back 1 work again']);
    begin(1, 'store away');
    expect(written()).toEqual(['warn box.failed 1: store away']);
  });

  it('writes a trouble once however many members have it, and its end with the last of them', () => {
    for (const member of [1, 2, 3]) begin(member, 'store away');
    begin(4, 'timeout');
    expect(end(1)).toBe('others');
    expect(end(2)).toBe('others');
    expect(written()).toEqual(['warn box.failed 1: store away', 'warn box.failed 4: timeout']);
    expect(end(3)).toBe('ended');
    expect(written()).toEqual(['info box.back 3 work again']);
  });

  it('keeps the lines in between at debug', () => {
    begin(1, 'store away');
    begin(2, 'store away');
    end(1);
    expect(captured.entries.map(({ level }) => level)).toEqual(['warn', 'debug', 'debug']);
  });

  it('writes no lines in between where none are wanted', () => {
    const quiet = new TroubleLog(captured.logger(), { writesBetween: false });
    const line = { level: 'warn', event: 'box.failed', message: 'failed' } as const;
    for (const member of ['anna', 'boris']) quiet.begin(member, 'store away', line);
    quiet.end('anna', () => line);
    quiet.end('boris', () => null);
    expect(captured.events()).toEqual(['box.failed']);
  });

  it('tells how serious a trouble was when it is over', () => {
    begin(1, 'store away', 'info');
    begin(1, 'store away', 'error');
    let worst = '';
    troubles.end(1, ({ level }) => {
      worst = level;
      return null;
    });
    expect(worst).toBe('error');
  });

  it('writes again when a trouble becomes more serious, and not when it looks less serious', () => {
    begin(1, 'store away', 'info');
    begin(2, 'store away', 'warn');
    begin(3, 'store away', 'info');
    begin(1, 'store away', 'warn');
    expect(written()).toEqual(['info box.failed 1: store away', 'warn box.failed 2: store away']);
  });

  it('repeats a trouble that goes on', () => {
    begin(1, 'store away');
    now += 9 * MINUTE_MS;
    begin(1, 'store away');
    expect(written()).toHaveLength(1);
    now += MINUTE_MS;
    begin(2, 'store away');
    expect(written()).toEqual(['warn box.failed 2: store away']);
  });

  it('takes a member whose cause changed out of its former trouble', () => {
    begin(1, 'store away');
    begin(1, 'timeout');
    begin(2, 'store away');
    expect(written()).toHaveLength(3);
    expect(end(1)).toBe('ended');
    expect(end(2)).toBe('ended');
  });

  it('forgets a member that was not heard of for long', () => {
    begin(1, 'store away');
    now += 31 * MINUTE_MS;
    begin(2, 'store away');
    expect(written()).toEqual(['warn box.failed 1: store away', 'warn box.failed 2: store away']);
    expect(end(1)).toBe('none');
  });

  it('no longer counts a member that left, and writes nothing of it', () => {
    begin(1, 'store away');
    begin(2, 'store away');
    written();
    troubles.drop(1);
    expect(written()).toEqual([]);
    expect(end(2)).toBe('ended');
  });

  it('knows nothing of members that never had a trouble', () => {
    expect(end(7)).toBe('none');
    troubles.drop(7);
    expect(captured.entries).toEqual([]);
  });
});
