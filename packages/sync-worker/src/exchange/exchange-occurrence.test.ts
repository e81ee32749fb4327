import type { EwsAttendee, EwsCalendarItem, EwsViewItem } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { calendarItem, viewItem } from '../testing/sample-ews-items.ts';
import { type ExchangeEntry, exchangeEntry, isEvent } from './exchange-entry.ts';
import { exchangeOccurrence } from './exchange-occurrence.ts';
import { ExchangeZones } from './exchange-zone.ts';

const zones = new ExchangeZones();

interface Given {
  readonly view?: Partial<EwsViewItem>;
  readonly details?: Partial<EwsCalendarItem>;
  readonly master?: Partial<EwsCalendarItem>;
  readonly mailbox?: string;
  readonly storePrivate?: boolean;
}

function entryOf(view: Partial<EwsViewItem> = {}): ExchangeEntry {
  const item = viewItem(view);
  if (!isEvent(item)) throw new Error('a master is no entry');
  return exchangeEntry(item, { storePrivate: true });
}

function occurrence({ view = {}, details = {}, master, mailbox = 'anna@corp.example', storePrivate = true }: Given) {
  const entry = entryOf(view);
  const found = {
    details: calendarItem({ ...view, ...details }),
    master: master ? calendarItem({ itemId: 'master', kind: 'recurringMaster', ...master }) : null,
  };
  return exchangeOccurrence(entry, found, { mailbox, storePrivate, zones });
}

const attendee = (given: Partial<EwsAttendee>): EwsAttendee => ({
  ...{ name: 'B', address: 'b@corp.example', routingType: 'SMTP', mailboxType: 'Mailbox' },
  ...{ response: 'unknown', respondedAt: null },
  ...given,
});
const zone = (id: string) => ({ id, name: null, rules: null });

describe('exchangeOccurrence', () => {
  it.each([
    ['Europe/Berlin', 'W. Europe Standard Time', '2026-03-09T23:00:00Z', '2026-03-10T23:00:00Z'],
    ['Asia/Tokyo', 'Tokyo Standard Time', '2026-03-09T15:00:00Z', '2026-03-10T15:00:00Z'],
    ['Pacific/Apia', 'Samoa Standard Time', '2026-03-09T11:00:00Z', '2026-03-10T11:00:00Z'],
    ['America/Los_Angeles', 'Pacific Standard Time', '2026-03-10T07:00:00Z', '2026-03-11T07:00:00Z'],
    ['UTC', 'UTC', '2026-03-10T00:00:00Z', '2026-03-11T00:00:00Z'],
  ])('dates an all-day event of %s as its creator meant it', (name, id, start, end) => {
    const view = { isAllDay: true, start: new Date(start), end: new Date(end), startZone: zone(id) };
    expect(occurrence({ view })).toMatchObject({
      allDay: true,
      startDate: '2026-03-10',
      endDate: '2026-03-11',
      timeZone: name,
    });
  });

  it('gives a series’ occurrence one id through all hours and zones that it is moved to', () => {
    const at = (text: string) => new Date(text);
    const master = { seriesZone: zone('W. Europe Standard Time') };
    const view = { kind: 'occurrence', uid: 'series', recurrenceId: at('2026-03-10T08:00:00Z') } as const;
    const first = occurrence({ view, master });
    const moved = occurrence({
      view: {
        ...view,
        kind: 'exception',
        recurrenceId: null,
        start: at('2026-04-02T20:00:00Z'),
        startZone: zone('Tokyo Standard Time'),
      },
      details: { originalStart: at('2026-03-10T21:00:00Z') },
      master,
    });
    expect(moved?.eventId).toBe(first?.eventId);
    expect(occurrence({ view: { ...view, recurrenceId: at('2026-03-11T08:00:00Z') }, master })?.eventId).not.toBe(
      first?.eventId,
    );
  });

  it('learns the original start of an exception from its series when nothing else tells it', () => {
    const view = { itemId: 'moved', kind: 'exception', uid: 'series' } as const;
    const originalStart = new Date('2026-03-10T08:00:00Z');
    const { start, end } = viewItem();
    const modifiedOccurrences = [{ itemId: 'moved', start, end, originalStart }];
    expect(occurrence({ view, master: { modifiedOccurrences } })?.originalStart).toEqual(originalStart);
    expect(occurrence({ view, master: {} })).toBeNull();
  });

  it('gives an invitation to one occurrence the id that it has in its series', () => {
    const fixed = '040000008200E00074C5B7101A82E008';
    const rest = `${'0'.repeat(32)}10000000${'AB'.repeat(16)}`;
    const orphan = occurrence({ view: { uid: `${fixed}07EA030A${rest}` } });
    const start = new Date('2026-03-10T09:00:00Z');
    const inSeries = { kind: 'occurrence', uid: `${fixed}00000000${rest}`, recurrenceId: start } as const;
    expect(orphan?.eventId).toBe(occurrence({ view: inSeries, master: {} })?.eventId);
    const foreign = { uid: 'of another calendar', globalObjectId: `${fixed}07EA030A${rest}` };
    expect(occurrence({ view: foreign })?.eventId).not.toBe(occurrence({ view: { uid: foreign.uid } })?.eventId);
  });

  it('keeps legacy names as they are for the directory, and the owner as organizer of what he organizes (trap 21)', () => {
    const legacy = '/o=corp/ou=x/cn=anna';
    const ex = { name: 'Anna', address: '/o=Corp/ou=x/cn=Anna', routingType: 'EX', mailboxType: null };
    const requiredAttendees = [
      attendee(ex),
      attendee({ address: 'no address' }),
      attendee({ address: 'B@Corp.Example' }),
    ];
    const optionalAttendees = [attendee({ address: 'b@corp.example', name: 'again' })];
    const details = { organizer: ex, requiredAttendees, optionalAttendees };
    expect(occurrence({ details })).toMatchObject({
      organizer: { address: 'anna@corp.example', name: 'Anna' },
      attendees: [
        { address: null, name: 'B', role: 'required' },
        { address: 'b@corp.example', name: 'B', role: 'required' },
      ],
    });
    expect(occurrence({ view: { isOrganizer: false }, details })?.organizer).toEqual({ address: legacy, name: 'Anna' });
  });

  it('lets a name stand for an organizer who has no address, and nothing for one who has none either', () => {
    const view = { isOrganizer: false, organizerName: 'Anna  Adams' };
    const organizerOf = (given: Given) =>
      occurrence({ ...given, details: { ...given.details, organizer: null } })?.organizer;
    expect(organizerOf({ view })).toEqual({ address: 'name:anna adams', name: 'Anna  Adams' });
    expect(organizerOf({ view: { ...view, organizerName: null } })).toEqual({ address: null, name: '' });
    expect(organizerOf({ view: { ...view, isOrganizer: true } })?.address).toBe('anna@corp.example');
  });

  it('shows attendees without an address by their name', () => {
    const nameless = (name: string | null, address: string | null = null) => attendee({ name, address });
    const requiredAttendees = [
      nameless('Пётр Гостев'),
      nameless('Пётр  Гостев'),
      nameless('Phone', 'tel:+4930123456'),
      nameless(null, 'meeting room, 2nd floor'),
      nameless(null),
    ];
    expect(occurrence({ details: { requiredAttendees } })?.attendees).toEqual(
      ['Пётр Гостев', 'Phone', 'meeting room, 2nd floor'].map((name) => ({
        ...{ address: null, name, role: 'required', response: 'unknown' },
      })),
    );
  });

  it('knows one attendee by all ways in which his address is written', () => {
    const written = [
      'B@Corp.Example;',
      "'b@corp.example'",
      'B <b@corp.example>',
      'sip:b@corp.example',
      '\u200bb@corp.example.',
    ];
    const requiredAttendees = written.map((address) => attendee({ address }));
    expect(occurrence({ details: { requiredAttendees } })?.attendees).toMatchObject([{ address: 'b@corp.example' }]);
  });

  it.each([
    [
      'the later response',
      [
        ['accepted', '2026-03-01'],
        ['declined', '2026-03-02'],
      ],
      'declined',
    ],
    [
      'the later response, listed first',
      [
        ['accepted', '2026-03-02'],
        ['declined', '2026-03-01'],
      ],
      'accepted',
    ],
    [
      'a response with a time before one without',
      [
        ['tentative', '2026-03-01'],
        ['declined', null],
      ],
      'tentative',
    ],
    [
      'an answer before none, when no times are known',
      [
        ['notResponded', null],
        ['accepted', null],
      ],
      'accepted',
    ],
    [
      'the first of two answers without times',
      [
        ['declined', null],
        ['accepted', null],
      ],
      'declined',
    ],
  ] as const)('counts of an attendee who is listed twice %s', (_, responses, expected) => {
    const [requiredAttendees, optionalAttendees] = responses.map(([response, time]) => [
      attendee({ response, respondedAt: time === null ? null : new Date(time) }),
    ]);
    if (!requiredAttendees || !optionalAttendees) throw new Error('two entries are given');
    const attendees = occurrence({ details: { requiredAttendees, optionalAttendees } })?.attendees;
    expect(attendees).toMatchObject([{ address: 'b@corp.example', role: 'required', response: expected }]);
  });

  it('leaves the organizer out of the attendees, however he is listed there', () => {
    const organizer = { name: 'Anna', address: 'anna@corp.example', routingType: 'SMTP', mailboxType: null };
    const requiredAttendees = [attendee({ address: 'SMTP:Anna@corp.example', response: 'organizer' }), attendee({})];
    const found = occurrence({ view: { isOrganizer: false }, details: { organizer, requiredAttendees } });
    expect(found?.attendees.map(({ address }) => address)).toEqual(['b@corp.example']);
  });

  it('knows rooms among the attendees, wherever the organizer put them', () => {
    const entry = entryOf();
    const details = calendarItem({ requiredAttendees: [attendee({}), attendee({ address: 'Blue@corp.example' })] });
    const isRoom = (address: string) => address === 'blue@corp.example';
    const context = { mailbox: 'anna@corp.example', storePrivate: true, zones, isRoom };
    const roles = exchangeOccurrence(entry, { details, master: null }, context)?.attendees.map(({ role }) => role);
    expect(roles).toEqual(['required', 'resource']);
  });

  it('keeps nothing of an event that became private after the view was read', () => {
    const view = { sensitivity: 'normal', subject: 'Secret' } as const;
    const details = { sensitivity: 'private', subject: 'Secret', bodyPreview: 'Secret' } as const;
    const found = occurrence({ view, details, storePrivate: false });
    expect(found?.sensitivity).toBe('private');
    expect(JSON.stringify(found)).not.toMatch(/secret/iu);
    const series = { view: { ...view, kind: 'occurrence' }, details, master: details } as const;
    expect(occurrence({ ...series, storePrivate: true })).toMatchObject({ sensitivity: 'private' });
    expect(JSON.stringify(occurrence({ ...series, storePrivate: false }))).not.toMatch(/secret/iu);
  });

  it('keeps nothing of what a private event is about where that is not to be stored', () => {
    const view = { sensitivity: 'private', subject: 'Secret', location: 'Secret', categories: ['Secret'] } as const;
    const details = {
      requiredAttendees: [attendee({ name: 'Secret' })],
      bodyPreview: 'Secret',
      bodyLinks: ['https://secret.example/c/1'],
      organizer: { name: 'Secret', address: 'secret@corp.example', routingType: 'SMTP', mailboxType: null },
    };
    expect(JSON.stringify(occurrence({ view, details }))).toMatch(/Secret/u);
    expect(JSON.stringify(occurrence({ view, details, storePrivate: false }))).not.toMatch(/secret/iu);
    const open = { ...view, sensitivity: 'normal' } as const;
    expect(occurrence({ view: open, details, storePrivate: false })?.subject).toBe('Secret');
  });

  it('gives a meeting that ends before it begins no length, and tells a cancelled one', () => {
    const { start } = viewItem();
    const view = { end: new Date(start.getTime() - 1), isCancelled: true };
    expect(occurrence({ view })).toMatchObject({ start, end: start, isCancelled: true });
    const day = {
      ...view,
      isAllDay: true,
      start: new Date('2026-03-09T23:00:00Z'),
      end: new Date('2026-03-08T23:00:00Z'),
    };
    expect(occurrence({ view: day })).toMatchObject({ startDate: '2026-03-10', endDate: '2026-03-11' });
  });

  it('names an item without any UID by its item id, and one without a time of change as old', () => {
    const bare = { uid: null, lastModified: null };
    const one = occurrence({ view: { ...bare, itemId: 'one' } });
    expect(one).toMatchObject({ uid: null, lastModified: new Date(0) });
    expect(one?.eventId).not.toBe(occurrence({ view: { ...bare, itemId: 'two' } })?.eventId);
  });
});
