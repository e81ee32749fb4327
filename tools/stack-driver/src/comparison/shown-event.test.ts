import { describe, expect, it } from 'vitest';
import { calendarDifferences, type ShownEvent } from './shown-event.ts';

const lunch: ShownEvent = {
  kind: 'single',
  uid: 'U1',
  originalStart: null,
  seriesId: null,
  subject: 'Lunch',
  start: '2026-09-01T10:00:00.000Z',
  end: '2026-09-01T11:00:00.000Z',
  allDay: false,
  startDate: null,
  endDate: null,
  timeZone: 'Asia/Kolkata',
  location: 'Canteen',
  preview: '',
  organizerAddress: 'anna@corp.example',
  organizerName: 'Anna',
  isOrganizerCopy: true,
  isMeeting: true,
  attendees: ['boris@corp.example required accepted Boris'],
  myResponse: 'organizer',
  freeBusy: 'busy',
  sensitivity: 'normal',
  isCancelled: false,
  categories: ['Blue'],
  reminderMinutes: 15,
};
const wanted = new Map([['item-1', lunch]]);

function differencesOf(change: Partial<ShownEvent>): string[] {
  return calendarDifferences('anna@corp.example', wanted, new Map([['item-1', { ...lunch, ...change }]]));
}

describe('calendarDifferences', () => {
  it('finds none between equal calendars, whichever of its names a zone has', () => {
    expect(differencesOf({})).toEqual([]);
    expect(differencesOf({ timeZone: 'Asia/Calcutta' })).toEqual([]);
  });

  it('names mailbox, event and field', () => {
    expect(differencesOf({ location: 'Hall' })).toEqual([
      'anna@corp.example: the single “Lunch” of 2026-09-01T10:00:00.000Z: location is "Hall" instead of "Canteen"',
    ]);
  });

  it.each(Object.keys(lunch) as (keyof ShownEvent)[])('notices another %s', (field) => {
    const other = field === 'timeZone' ? 'Europe/Berlin' : 'another';
    expect(differencesOf({ [field]: other })).toHaveLength(1);
  });

  it('names what is missing and what should not be there', () => {
    expect(calendarDifferences('a@b.example', wanted, new Map())).toEqual([
      'a@b.example: the single “Lunch” of 2026-09-01T10:00:00.000Z is missing',
    ]);
    expect(calendarDifferences('a@b.example', new Map(), wanted)).toEqual([
      'a@b.example: the single “Lunch” of 2026-09-01T10:00:00.000Z should not be there',
    ]);
  });

  it('leaves out what a witness cannot know', () => {
    const { uid, seriesId, isOrganizerCopy, ...known } = lunch;
    expect([uid, seriesId, isOrganizerCopy]).toEqual(['U1', null, true]);
    expect(calendarDifferences('a@b.example', new Map([['item-1', known]]), wanted)).toEqual([]);
  });
});
