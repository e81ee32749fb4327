import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanUid, type EventIdentityInput, eventId, orphanDate } from './event-identity.ts';
import { localDate } from './local-date.ts';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CREATED_AND_RESERVED = '207F31C8A4DA01'.padStart(16, '0') + '0'.repeat(16);
const FOREIGN_UID = 'Kq3-Weekly@calendar.example';

/** A GlobalObjectId of Exchange's own making, as hex. */
function globalObjectId({ date = '00000000', data = 'A1B2C3D4E5F60718293A4B5C6D7E8F90' } = {}): string {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length / 2);
  return `040000008200E00074C5B7101A82E008${date}${CREATED_AND_RESERVED}${size.toString('hex').toUpperCase()}${data}`;
}

function foreignGlobalObjectId(uid: string, date = '00000000'): string {
  const data = Buffer.concat([Buffer.from('vCal-Uid'), Buffer.from([1, 0, 0, 0]), Buffer.from(uid), Buffer.from([0])]);
  return globalObjectId({ date, data: data.toString('hex').toUpperCase() });
}

/** The date bytes of a GlobalObjectId. */
function dateBytes(date: string): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return [year >> 8, year & 255, month, day].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}

const single: EventIdentityInput = {
  uid: globalObjectId(),
  itemId: 'AAMkAD=',
  kind: 'single',
  originalStart: null,
  seriesZone: 'Europe/Berlin',
};
const occurrence: EventIdentityInput = {
  ...single,
  kind: 'occurrence',
  originalStart: new Date('2026-03-26T08:00:00Z'),
};

const anyDate = fc
  .date({ min: new Date('1700-01-01T00:00:00Z'), max: new Date('4400-01-01T00:00:00Z'), noInvalidDate: true })
  .map((instant) => instant.toISOString().slice(0, 10));
const anyData = fc.stringMatching(/^(?:[0-9A-F]{2}){1,40}$/);
const mixedCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((lower) => [...text].map((letter, at) => (lower[at] ? letter.toLowerCase() : letter)).join(''));

describe('cleanUid', () => {
  it('is the same for every date that a copy carries and for either case', () => {
    const copies = fc.tuple(anyDate, anyData).chain(([date, data]) =>
      fc.record({
        clean: fc.constant(globalObjectId({ data })),
        copy: mixedCase(globalObjectId({ date: dateBytes(date), data })),
      }),
    );
    fc.assert(
      fc.property(copies, ({ clean, copy }) => {
        expect(cleanUid(copy)).toBe(clean);
      }),
    );
  });

  it('unwraps the UID of a foreign calendar, as other mailboxes hold it', () => {
    expect(cleanUid(foreignGlobalObjectId(FOREIGN_UID))).toBe(FOREIGN_UID);
    expect(cleanUid(foreignGlobalObjectId(FOREIGN_UID, dateBytes('2026-03-26')))).toBe(FOREIGN_UID);
    expect(cleanUid(foreignGlobalObjectId('встреча-42').toLowerCase())).toBe('встреча-42');
    expect(cleanUid(FOREIGN_UID)).toBe(FOREIGN_UID);
  });

  it('keeps what only looks like a GlobalObjectId', () => {
    const texts = ['', '040000008200E00074C5B7101A82E008', `${globalObjectId()}@calendar.example`, 'FACEB00C'];
    for (const text of texts) expect(cleanUid(text)).toBe(text);
  });

  it('keeps an empty foreign UID as a GlobalObjectId', () => {
    const empty = foreignGlobalObjectId('');
    expect(cleanUid(empty)).toBe(empty);
  });

  it('changes nothing the second time, whatever it is given', () => {
    const text = fc.oneof(
      fc.string(),
      anyData.map((data) => globalObjectId({ data })),
      fc.stringMatching(/^[0-9A-F]{0,20}$/).map((rest) => `${globalObjectId()}${rest}`),
      fc.string().map((uid) => foreignGlobalObjectId(uid)),
    );
    fc.assert(
      fc.property(text, (uid) => {
        expect(cleanUid(cleanUid(uid))).toBe(cleanUid(uid));
      }),
    );
  });
});

describe('orphanDate', () => {
  it('reads the date back that an invitation to one occurrence carries', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(orphanDate(globalObjectId({ date: dateBytes(date) }))).toBe(date);
        expect(orphanDate(foreignGlobalObjectId(FOREIGN_UID, dateBytes(date)).toLowerCase())).toBe(date);
      }),
    );
  });

  it.each(['00000000', '07EA0000', '07EA0D01', '07EA0120', '07EA021E', '07E9021D', 'FFFF0101'])(
    'finds none in the bytes %s',
    (date) => {
      expect(orphanDate(globalObjectId({ date }))).toBeNull();
    },
  );

  it('finds none in other UIDs', () => {
    for (const uid of ['', FOREIGN_UID, globalObjectId().slice(0, 40)]) expect(orphanDate(uid)).toBeNull();
  });
});

describe('eventId', () => {
  it('is a version 5 UUID that never changes between builds', () => {
    expect(eventId(single)).toMatch(UUID_V5);
    expect(eventId({ ...single, uid: FOREIGN_UID })).toBe('1d3030b6-f5de-58ac-be1a-582e5bbdbeb9');
    expect(eventId({ ...occurrence, uid: FOREIGN_UID })).toBe('8f071781-7ca6-5bc9-966f-26563157271b');
  });

  it('is the same in every mailbox: item ids, case and carried dates do not matter', () => {
    fc.assert(
      fc.property(mixedCase(globalObjectId()), fc.string(), (uid, itemId) => {
        expect(eventId({ ...single, uid, itemId })).toBe(eventId(single));
        expect(eventId({ ...occurrence, uid, itemId })).toBe(eventId(occurrence));
      }),
    );
  });

  it('stays when a single meeting is moved or sent to another zone', () => {
    const moved = { ...single, originalStart: new Date('2027-01-01T00:00:00Z'), seriesZone: 'Asia/Tokyo' };
    expect(eventId(moved)).toBe(eventId(single));
  });

  it('stays when the hour of a series changes, also across a change of clocks', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'Asia/Kolkata', '-09:30');
    const day = fc.integer({ min: 0, max: 3_000 }).map((days) => Date.UTC(2024, 0, 1) + days * 86_400_000);
    const minutes = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(zone, day, minutes, minutes, (seriesZone, date, before, after) => {
        const at = (minute: number) => new Date(date + minute * 60_000);
        const id = (minute: number) => eventId({ ...occurrence, originalStart: at(minute), seriesZone });
        const sameDay = localDate(at(before), seriesZone) === localDate(at(after), seriesZone);
        expect(id(before) === id(after)).toBe(sameDay);
      }),
    );
  });

  it('is the same for an exception and for the occurrence that it was', () => {
    expect(eventId({ ...occurrence, kind: 'exception' })).toBe(eventId(occurrence));
  });

  it('is the same for a lone invitation to one occurrence and for the series of its organizer', () => {
    const orphan = { ...single, uid: globalObjectId({ date: dateBytes('2026-03-26') }) };
    expect(eventId(orphan)).toBe(eventId(occurrence));
    expect(eventId(orphan)).not.toBe(eventId(single));
  });

  it('parts two lone invitations to a foreign series, whose UIDs are equal', () => {
    const orphan = (date: string) =>
      eventId({ ...single, uid: FOREIGN_UID, globalObjectId: foreignGlobalObjectId(FOREIGN_UID, dateBytes(date)) });
    expect(orphan('2026-03-26')).toBe(eventId({ ...occurrence, uid: FOREIGN_UID }));
    expect(orphan('2026-03-27')).not.toBe(orphan('2026-03-26'));
  });

  it('uses the item id, whose case counts, where there is no UID', () => {
    for (const uid of [null, '']) {
      expect(eventId({ ...single, uid })).toBe(eventId({ ...single, uid: null }));
      expect(eventId({ ...single, uid, itemId: 'AAMkAd=' })).not.toBe(eventId({ ...single, uid }));
    }
  });

  it('differs between the occurrences of a series and between series', () => {
    const days = Array.from({ length: 400 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day, 8)));
    const uids = [FOREIGN_UID, globalObjectId(), globalObjectId({ data: 'AA' }), 'item:AAMkAD='];
    const ids = uids.flatMap((uid) => days.map((originalStart) => eventId({ ...occurrence, uid, originalStart })));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(['occurrence', 'exception'] as const)('refuses an %s whose original start is unknown', (kind) => {
    expect(() => eventId({ ...single, kind })).toThrow(RangeError);
  });
});
