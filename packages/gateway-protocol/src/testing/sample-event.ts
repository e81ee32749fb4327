import type { FullEvent } from '../calendar-event.ts';

/** A complete event; `fields` replace what a test is about. */
export function sampleEvent(eventId: string, fields: Partial<FullEvent> = {}): FullEvent {
  return {
    eventId,
    version: 1,
    start: 1_800_000_000_000,
    end: 1_800_003_600_000,
    allDay: false,
    freeBusy: 'busy',
    sensitivity: 'normal',
    title: 'Review',
    timeZone: 'Europe/Berlin',
    location: 'Room 1',
    preview: '',
    organizer: { address: 'anna@corp.example', name: 'Anna' },
    isOrganizer: true,
    attendees: [],
    attendeesTotal: 0,
    myResponse: 'organizer',
    cancelled: false,
    categories: [],
    conference: null,
    ...fields,
  };
}

/** A different valid UUID for every number. */
export function sampleId(number: number): string {
  return `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;
}
