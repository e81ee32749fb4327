import type { ConferenceView, EventView } from 'calendar-db/views';
import { clientMethods } from 'gateway-protocol';
import { describe, expect, it } from 'vitest';
import { wireEvent } from './event-mapping.ts';

const view: EventView = {
  viewer: 'anna@corp.example',
  eventId: '1b8f4a52-61c0-5d0e-9a37-5c1f0d1b2e33',
  own: true,
  masked: false,
  subject: 'Review',
  start: new Date(1_800_000_000_000),
  end: new Date(1_800_003_600_000),
  allDay: false,
  startDate: null,
  endDate: null,
  timeZone: 'Europe/Berlin',
  location: 'Room 1',
  preview: 'Agenda',
  organizer: { address: 'boris@corp.example', name: 'Boris' },
  isOrganizer: false,
  attendees: [],
  myResponse: 'accepted',
  freeBusy: 'busy',
  sensitivity: 'normal',
  seriesId: null,
  seriesText: null,
  isMeeting: true,
  isCancelled: false,
  categories: ['Work'],
  reminderMinutes: null,
  joinLinks: [],
  owaUrl: null,
  previousStart: null,
  changedFields: [],
  conference: null,
};
const options = { version: 7, userIdOf: (address: string) => (address.startsWith('boris') ? 'boris' : undefined) };
const conference: ConferenceView = {
  state: 'planned',
  wanted: 'own',
  reason: null,
  serverId: 'conf.example',
  cid: null,
  url: null,
  appUrl: null,
  startsAt: new Date(1_800_000_000_000),
  failure: null,
};
const shown = (fields: Partial<ConferenceView>) => {
  const event = wireEvent({ ...view, conference: { ...conference, ...fields } }, options);
  return 'conference' in event ? event.conference : undefined;
};

describe('wireEvent', () => {
  it('fits the protocol, leaving out what is not there', () => {
    const event = wireEvent(view, options);
    expect(clientMethods.getEventById.reply.parse({ event }).event).toEqual(event);
    expect(event).toMatchObject({ version: 7, title: 'Review', organizer: { userId: 'boris' }, conference: null });
    for (const field of ['seriesId', 'reminderMinutes', 'previousStart', 'changedFields', 'owaUrl', 'startDate']) {
      expect(event).not.toHaveProperty(field);
    }
  });

  it('tells a masked event’s times only', () => {
    const event = wireEvent(
      { ...view, masked: true, allDay: true, startDate: '2027-01-15', endDate: '2027-01-16' },
      options,
    );
    expect(Object.keys(event).sort()).toEqual(
      ['allDay', 'end', 'endDate', 'eventId', 'freeBusy', 'sensitivity', 'start', 'startDate', 'version'].sort(),
    );
  });

  it('shows a conference that is planned, ready, running or over', () => {
    expect(shown({})).toEqual({ serverId: 'conf.example', state: 'planned', startsAt: 1_800_000_000_000 });
    expect(shown({ state: 'ready', cid: 'x1', url: 'https://conf.example/c/x1', appUrl: 'trueconf:x' })).toMatchObject({
      id: 'x1',
      url: 'https://conf.example/c/x1',
      appUrl: 'trueconf:x',
      state: 'ready',
    });
    expect(shown({ state: 'running' })).toMatchObject({ state: 'running' });
    expect(shown({ state: 'ended' })).toMatchObject({ state: 'ended' });
  });

  it('shows a failed or missed one with its reason', () => {
    expect(shown({ state: 'failed', failure: 'owner unknown' })).toMatchObject({
      state: 'failed',
      reason: 'owner unknown',
    });
    expect(shown({ state: 'missed' })).toMatchObject({ state: 'failed', reason: 'missed' });
  });

  it('shows none (gray) for one that is cancelled or not wanted, unless people are in it', () => {
    for (const state of ['cancelling', 'cancelled', 'something new']) expect(shown({ state })).toBeNull();
    expect(shown({ wanted: 'none', reason: 'not a meeting' })).toBeNull();
    expect(shown({ wanted: 'none', state: 'running' })).toMatchObject({ state: 'running' });
  });
});
