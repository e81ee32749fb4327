import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requiredMoment } from './element-fields.ts';
import { XmlElement } from './xml-element.ts';
import {
  parseBoolean,
  parseDate,
  parseDateTime,
  parseDurationMinutes,
  parseInteger,
  UnreadableFieldError,
} from './xsd-values.ts';

describe('parseDateTime', () => {
  test.each([
    ['2026-09-01T07:00:00Z', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T09:00:00+02:00', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T00:30:00-11:00', '2026-09-01T11:30:00.000Z'],
    ['2026-09-01T07:00:00', '2026-09-01T07:00:00.000Z'],
    ['2026-09-01T07:00:00.1234567Z', '2026-09-01T07:00:00.123Z'],
    ['2026-09-01T07:00:00.5+05:45', '2026-09-01T01:15:00.500Z'],
    ['2026-09-01T24:00:00Z', '2026-09-02T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, wanted) => {
    expect(parseDateTime(text, 'f').toISOString()).toBe(wanted);
  });

  test.each([
    '',
    '2026-09-01',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-09-01T07:61:00Z',
    '2026-09-01T07:00:00+15:00',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    'now',
  ])('refuses %j', (text) => {
    expect(() => parseDateTime(text, 't:Start')).toThrow(UnreadableFieldError);
  });

  test('reads back every time in any offset', () => {
    const dates = fc.date({
      min: new Date('1601-01-01T00:00:00Z'),
      max: new Date('4500-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, fc.integer({ min: -840, max: 840 }), (date, offset) => {
        const sign = offset < 0 ? '-' : '+';
        const minutes = Math.abs(offset);
        const zone = `${sign}${String(Math.trunc(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        const wall = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        expect(parseDateTime(wall + zone, 'f')).toEqual(date);
      }),
    );
  });
});

test('a date with a zone suffix keeps its day', () => {
  expect(parseDate('2026-09-01+02:00', 'f')).toBe('2026-09-01');
  expect(parseDate('2026-09-01Z', 'f')).toBe('2026-09-01');
  expect(() => parseDate('01.09.2026', 'f')).toThrow(UnreadableFieldError);
});

test.each([
  ['-PT1H', -60],
  ['PT5H30M', 330],
  ['PT0S', 0],
  ['-P0DT1H30M', -90],
  ['P1D', 1440],
  ['PT90S', 1],
  ['PT23H59M59.999S', 1440],
])('duration %s is %d minutes', (text, minutes) => {
  expect(parseDurationMinutes(text, 'f')).toBe(minutes);
});

test('numbers, booleans and durations name the field they cannot read, not its value', () => {
  for (const parse of [parseBoolean, parseInteger, parseDurationMinutes]) {
    expect(() => parse('secret value', 't:Field')).toThrow(/^t:Field is/);
  }
  expect([parseBoolean('1', 'f'), parseBoolean('false', 'f'), parseInteger('-15', 'f')]).toEqual([true, false, -15]);
});

test('a number that is no xs:int is refused, since no column holds it', () => {
  expect(parseInteger('-2147483648', 'f')).toBe(-2_147_483_648);
  expect(parseInteger('2147483647', 'f')).toBe(2_147_483_647);
  for (const text of ['2147483648', '-2147483649', '999999999999999']) {
    expect(() => parseInteger(text, 'f')).toThrow(UnreadableFieldError);
  }
});

test('the last moment that Exchange knows stays in the last year that it knows', () => {
  const end = new XmlElement('t:End', new Map(), [], '9999-12-31T23:59:59.9999999Z');
  expect(requiredMoment(new XmlElement('t:CalendarItem', new Map(), [end]), 't:End')).toEqual(
    new Date('9999-12-31T23:59:59Z'),
  );
});
