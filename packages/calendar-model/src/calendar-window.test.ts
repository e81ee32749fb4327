import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalendarWindow, calendarWindow, halveWindow, overlapsWindow } from './calendar-window.ts';

const at = (text: string) => new Date(text);
const days = ({ from, to }: CalendarWindow) => [from.toISOString(), to.toISOString()];
const instants = fc.date({ min: at('2000-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z'), noInvalidDate: true });
const spans = fc
  .tuple(instants, instants)
  .filter(([one, other]) => one < other)
  .map(([from, to]) => ({ from, to }));

describe('calendarWindow', () => {
  it.each([
    ['2026-05-15T13:30:00Z', 2, 3, '2026-03-15', '2026-08-16'],
    ['2026-05-31T23:59:59.999Z', 3, 1, '2026-02-28', '2026-07-01'],
    ['2024-03-31T00:00:00Z', 1, 11, '2024-02-29', '2025-03-01'],
    ['2024-02-29T12:00:00Z', 12, 12, '2023-02-28', '2025-03-01'],
    ['2026-12-31T12:00:00Z', 0, 0, '2026-12-31', '2027-01-01'],
  ])('around %s: %i back, %i forward', (now, backward, forward, from, to) => {
    const window = calendarWindow(at(now), { backward, forward });
    expect(days(window)).toEqual([`${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`]);
  });

  it('holds its own day whole and never moves backwards', () => {
    const months = fc.record({ backward: fc.nat({ max: 120 }), forward: fc.nat({ max: 120 }) });
    fc.assert(
      fc.property(instants, fc.nat({ max: 86_400_000 * 40 }), months, (now, later, about) => {
        const window = calendarWindow(now, about);
        const next = calendarWindow(new Date(now.getTime() + later), about);
        expect(window.from <= now && now < window.to).toBe(true);
        expect(next.from >= window.from && next.to >= window.to).toBe(true);
      }),
    );
  });
});

describe('overlapsWindow', () => {
  const window = { from: at('2026-05-01T00:00:00Z'), to: at('2026-06-01T00:00:00Z') };

  it.each([
    ['within', '2026-05-10T10:00:00Z', '2026-05-10T11:00:00Z', true],
    ['across its begin', '2026-04-30T23:00:00Z', '2026-05-01T01:00:00Z', true],
    ['across its end', '2026-05-31T23:00:00Z', '2026-06-01T01:00:00Z', true],
    ['all around it', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', true],
    ['up to its begin', '2026-04-30T23:00:00Z', '2026-05-01T00:00:00Z', false],
    ['from its end on', '2026-06-01T00:00:00Z', '2026-06-01T01:00:00Z', false],
    ['no time at its begin', '2026-05-01T00:00:00Z', '2026-05-01T00:00:00Z', true],
    ['no time at its end', '2026-06-01T00:00:00Z', '2026-06-01T00:00:00Z', false],
    ['no time before it', '2026-04-30T00:00:00Z', '2026-04-30T00:00:00Z', false],
  ])('for what lasts %s', (_, start, end, expected) => {
    expect(overlapsWindow(window, at(start), at(end))).toBe(expected);
  });
});

describe('halveWindow', () => {
  it('parts a window without gap, at a whole second', () => {
    fc.assert(
      fc.property(spans, ({ from, to }) => {
        fc.pre(to.getTime() - from.getTime() >= 2000);
        const [first, second] = halveWindow({ from, to });
        expect([first.from, second.to]).toEqual([from, to]);
        expect(first.to).toEqual(second.from);
        expect(first.to.getMilliseconds()).toBe(0);
        expect(from < first.to && second.from < to).toBe(true);
      }),
    );
  });

  it('loses no event that overlaps the whole', () => {
    fc.assert(
      fc.property(spans, instants, fc.nat({ max: 86_400_000 }), (window, start, lasts) => {
        fc.pre(window.to.getTime() - window.from.getTime() >= 2000);
        const end = new Date(start.getTime() + lasts);
        const inHalves = halveWindow(window).some((half) => overlapsWindow(half, start, end));
        expect(inHalves).toBe(overlapsWindow(window, start, end));
      }),
    );
  });

  it.each([0, 1, 1999, -5000])('refuses a window of %i ms, which could be halved forever', (size) => {
    const from = at('2026-05-01T00:00:00.700Z');
    expect(() => halveWindow({ from, to: new Date(from.getTime() + size) })).toThrow(RangeError);
  });
});
