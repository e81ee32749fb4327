import type { EwsZoneRules, EwsZoneTransition } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { RulesClock } from './rules-clock.ts';

const period = (id: string, offsetMinutes: number) => ({ id, name: id, offsetMinutes });
const periods = [period('three', 180), period('four', 240)];
const toPeriod = (id: string) => ({ kind: 'period', id }) as const;
const toGroup = (id: string) => ({ kind: 'group', id }) as const;
const fixed = (id: string, to: string) => ({ id, transitions: [{ type: 'always', to: toPeriod(to) } as const] });

function yearly(to: string, month: number, occurrence: number, timeMinutes: number): EwsZoneTransition {
  return { type: 'recurringDay', to: toPeriod(to), timeMinutes, month, dayOfWeek: 'Sunday', occurrence };
}

/** Hours east of UTC at some instants; null when the rules cannot be used. */
function hours(rules: EwsZoneRules, ...instants: string[]): (number | undefined)[] {
  const clock = RulesClock.of(rules);
  return instants.map((instant) => clock && clock.offsetAt(Date.parse(instant)) / 60).map((hour) => hour ?? undefined);
}

describe('RulesClock', () => {
  it('takes the period of the group that a dated transition has put in force', () => {
    const rules: EwsZoneRules = {
      periods,
      groups: [fixed('0', 'four'), fixed('1', 'three')],
      transitions: [
        { type: 'always', to: toGroup('0') },
        { type: 'absolute', to: toGroup('1'), wallTime: '2014-10-26T02:00:00' },
      ],
    };
    expect(hours(rules, '2014-10-25T21:59:59Z', '2014-10-25T22:00:00Z', '2026-07-01T00:00:00Z')).toEqual([4, 3, 3]);
  });

  it('follows dated transitions in the order of their dates, however they are written', () => {
    const rules: EwsZoneRules = {
      periods: [...periods, period('five', 300)],
      groups: [fixed('0', 'four'), fixed('1', 'three'), fixed('2', 'five')],
      transitions: [
        { type: 'absolute', to: toGroup('2'), wallTime: '2030-01-01T00:00:00' },
        { type: 'absolute', to: toGroup('1'), wallTime: '2015-01-01T00:00:00' },
        { type: 'always', to: toGroup('0') },
      ],
    };
    expect(hours(rules, '2010-07-01T00:00:00Z', '2026-07-01T00:00:00Z', '2031-01-01T00:00:00Z')).toEqual([4, 3, 5]);
  });

  it('takes a period that a transition of the zone leads to without a group', () => {
    const transitions: EwsZoneTransition[] = [
      { type: 'always', to: toPeriod('four') },
      { type: 'absolute', to: toPeriod('three'), wallTime: '2015-01-01T00:00:00' },
    ];
    expect(hours({ periods, groups: [], transitions }, '2010-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toEqual([4, 3]);
  });

  it('takes yearly changes that stand in the zone itself', () => {
    const transitions = [yearly('four', 3, -1, 120), yearly('three', 10, -1, 180)];
    expect(hours({ periods, groups: [], transitions }, '2026-01-01T00:00:00Z', '2026-07-01T00:00:00Z')).toEqual([3, 4]);
  });

  it('passes from yearly changes to an offset that stays, and to one that a group leads to by another group', () => {
    const rules: EwsZoneRules = {
      periods,
      groups: [
        { id: '0', transitions: [yearly('four', 3, -1, 120), yearly('three', 10, -1, 180)] },
        { id: '1', transitions: [{ type: 'always', to: toGroup('2') }] },
        fixed('2', 'four'),
      ],
      transitions: [
        { type: 'always', to: toGroup('0') },
        { type: 'absolute', to: toGroup('1'), wallTime: '2020-01-01T00:00:00' },
      ],
    };
    const instants = ['2018-01-15T00:00:00Z', '2018-07-15T00:00:00Z', '2019-12-31T12:00:00Z', '2020-01-15T00:00:00Z'];
    expect(hours(rules, ...instants)).toEqual([3, 4, 3, 4]);
  });

  it('begins a year with the change that stands at its very beginning', () => {
    // Moscow in 2014, as the Windows registry tells it: summer time from New Year to October.
    const begin = { ...yearly('four', 1, 1, 0), dayOfWeek: 'Wednesday' } as EwsZoneTransition;
    const rules: EwsZoneRules = {
      periods,
      groups: [fixed('3', 'four'), { id: '4', transitions: [begin, yearly('three', 10, -1, 120)] }],
      transitions: [
        { type: 'always', to: toGroup('3') },
        { type: 'absolute', to: toGroup('4'), wallTime: '2014-01-01T00:00:00' },
      ],
    };
    const instants = ['2013-12-31T19:59:00Z', '2013-12-31T20:30:00Z', '2014-07-01T00:00:00Z', '2014-11-01T00:00:00Z'];
    expect(hours(rules, ...instants)).toEqual([4, 4, 4, 3]);
  });

  it('takes the fifth weekday of a month for its last one, and a change on a date', () => {
    const onDate: EwsZoneTransition = {
      type: 'recurringDate',
      to: toPeriod('three'),
      timeMinutes: 0,
      month: 9,
      day: 22,
    };
    const rules: EwsZoneRules = { periods, groups: [], transitions: [yearly('four', 2, 5, 0), onDate] };
    const instants = ['2026-02-21T20:59:00Z', '2026-02-21T21:00:00Z', '2026-09-21T19:59:00Z', '2026-09-21T20:00:00Z'];
    expect(hours(rules, ...instants)).toEqual([3, 4, 4, 3]);
  });

  it.each<[string, EwsZoneRules]>([
    ['no periods', { periods: [], groups: [], transitions: [] }],
    ['an absurd offset', { periods: [period('p', 99_999)], groups: [], transitions: [] }],
    ['periods without any transition', { periods, groups: [], transitions: [] }],
    [
      'groups that lead round in a circle',
      {
        periods,
        groups: [{ id: '0', transitions: [{ type: 'always', to: toGroup('0') }] }],
        transitions: [{ type: 'always', to: toGroup('0') }],
      },
    ],
  ])('says nothing of rules with %s', (_, rules) => {
    expect(RulesClock.of(rules)).toBeNull();
  });

  it('takes the last group when no transition of the zone leads to one', () => {
    const rules: EwsZoneRules = { periods, groups: [fixed('0', 'four'), fixed('1', 'three')], transitions: [] };
    expect(hours(rules, '2026-01-01T00:00:00Z')).toEqual([3]);
  });
});
