import { describe, expect, it } from 'vitest';
import { renderTable } from './render-table.ts';
import { parseTimeSpan } from './time-span.ts';

describe('a table', () => {
  it('lines up columns, tells times in UTC, and shows nothing that could steer a terminal', () => {
    const rows = [
      { what: 'run', at: new Date('2030-01-02T03:04:05.678Z'), late: 7, note: null },
      { what: 'miss\u001b[2J', at: new Date('2030-01-02T03:04:06Z'), late: 1200, note: 'late' },
    ];
    expect(renderTable(rows)).toEqual([
      'what      at                    late  note',
      'run       2030-01-02 03:04:05Z     7  -',
      'miss [2J  2030-01-02 03:04:06Z  1200  late',
    ]);
  });
});

describe('a span of time', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0h', undefined],
    ['1', undefined],
    ['-1h', undefined],
    ['1.5h', undefined],
    ['999999999d', undefined],
  ])('%s is %s', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });
});
