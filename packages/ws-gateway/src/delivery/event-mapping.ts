import type { ConferenceView, EventView } from 'calendar-db/views';
import {
  type Attendee,
  type CalendarEvent,
  type EventConference,
  MAX_LISTED_ATTENDEES,
  type MaskedEvent,
} from 'gateway-protocol';

/** The TrueConf ID that an address is known to belong to. */
export type UserIdOf = (address: string) => string | undefined;

export interface MappingOptions {
  /** Head of the log in the snapshot that the view was read in. */
  readonly version: number;
  readonly userIdOf: UserIdOf;
  /** Which of the attendees the list begins with. */
  readonly attendeesFrom?: number;
}

/** An event of the cache, as its viewer sees it, in the protocol's words. */
export function wireEvent(view: EventView, options: MappingOptions): CalendarEvent {
  const times = visibleTimes(view, options.version);
  if (view.masked) return times;
  const from = options.attendeesFrom ?? 0;
  const { address, name } = view.organizer;
  return {
    ...times,
    title: view.subject,
    timeZone: view.timeZone,
    location: view.location,
    preview: view.preview,
    organizer: { address, name, ...userId(address, options.userIdOf) },
    isOrganizer: view.isOrganizer,
    attendees: view.attendees.slice(from, from + MAX_LISTED_ATTENDEES).map(
      (attendee): Attendee => ({
        address: attendee.address,
        name: attendee.name,
        ...userId(attendee.address, options.userIdOf),
        role: attendee.role,
        response: attendee.response,
      }),
    ),
    attendeesTotal: view.attendees.length,
    myResponse: view.myResponse,
    ...(view.seriesId === null ? {} : { seriesId: view.seriesId }),
    ...(view.seriesText === null ? {} : { seriesText: view.seriesText }),
    cancelled: view.isCancelled,
    categories: [...view.categories],
    ...(view.reminderMinutes === null ? {} : { reminderMinutes: view.reminderMinutes }),
    ...(view.previousStart === null ? {} : { previousStart: view.previousStart.getTime() }),
    ...(view.changedFields.length === 0 ? {} : { changedFields: [...view.changedFields] }),
    ...(view.owaUrl === null ? {} : { owaUrl: view.owaUrl }),
    conference: view.conference === null ? null : wireConference(view.conference),
  };
}

function visibleTimes(view: EventView, version: number): MaskedEvent {
  return {
    eventId: view.eventId,
    version,
    start: view.start.getTime(),
    end: view.end.getTime(),
    allDay: view.allDay,
    ...(view.startDate === null ? {} : { startDate: view.startDate }),
    ...(view.endDate === null ? {} : { endDate: view.endDate }),
    freeBusy: view.freeBusy,
    sensitivity: view.sensitivity,
  };
}

/** What a viewer is told of each inner state; null: as if there were none. */
const shownStates: Readonly<Record<string, EventConference['state'] | null>> = {
  planned: 'planned',
  ready: 'ready',
  running: 'running',
  ended: 'ended',
  missed: 'failed',
  failed: 'failed',
  cancelling: null,
  cancelled: null,
};

function wireConference(view: ConferenceView): EventConference | null {
  const state = shownStates[view.state] ?? null;
  // A conference that is not wanted any more is shown only while people are in it.
  if (state === null || (view.wanted === 'none' && state !== 'running')) return null;
  const reason = view.failure ?? view.reason ?? (view.state === 'missed' ? 'missed' : null);
  return {
    ...(view.cid === null ? {} : { id: view.cid }),
    serverId: view.serverId ?? '',
    ...(view.url === null ? {} : { url: view.url }),
    ...(view.appUrl === null ? {} : { appUrl: view.appUrl }),
    state,
    startsAt: view.startsAt.getTime(),
    ...(reason === null ? {} : { reason }),
  };
}

function userId(address: string | null, userIdOf: UserIdOf): { userId?: string } {
  const id = address === null ? undefined : userIdOf(address);
  return id === undefined ? {} : { userId: id };
}
