import type { AddressMapping, EventFacts, SpeakingCopy } from 'calendar-db/conferences';
import { sampleAttendee } from 'calendar-db/testing';
import type { PlanRules, PlanServer } from '../planner/plan-rules.ts';

export const START = Date.UTC(2027, 2, 10, 9);
const HOUR = 3_600_000;

export const TINY: PlanServer = { serverId: 'tiny.example', host: 'tiny.example', addressDomains: [], users: {} };

/** Anna's copy of a meeting with Boris, but for what is `given`. */
export function sampleCopy(given: Partial<SpeakingCopy> = {}): SpeakingCopy {
  const attendees = given.attendees ?? [sampleAttendee('boris@corp.example')];
  const people = attendees.map(({ address }) => address ?? '');
  const owner = given.owner ?? 'anna@corp.example';
  return {
    mailboxId: 1,
    owner,
    isOrganizerCopy: owner === 'anna@corp.example',
    gone: false,
    details: 'read',
    isDuplicate: false,
    kind: 'single',
    uid: 'uid-1',
    subject: 'Planning',
    preview: 'Agenda',
    startMs: START,
    endMs: START + HOUR,
    allDay: false,
    location: '',
    organizer: 'anna@corp.example',
    attendees,
    attendeePeople: people,
    audience: [...new Set(['anna@corp.example', owner, ...people])].sort(),
    myResponse: 'organizer',
    sensitivity: 'normal',
    isMeeting: true,
    isCancelled: false,
    joinLinks: [],
    ...given,
  };
}

/** The facts of one event with these copies, of which the first speaks for it. `holder` is of a copy that does not speak. */
export function sampleFacts(...copies: readonly (SpeakingCopy & { readonly holder?: 'room' })[]): EventFacts {
  const [speaking = null, ...others] = copies;
  return {
    eventId: '11111111-2222-5333-8444-555555555555',
    bytes: 0,
    isOversized: false,
    speaking,
    others: others.map((copy) => ({
      ...{ mailboxId: copy.mailboxId, owner: copy.owner, organizer: copy.organizer, holder: copy.holder ?? 'person' },
      isLive: !copy.gone && !copy.isCancelled,
      response: copy.isOrganizerCopy ? 'organizer' : copy.myResponse === 'organizer' ? 'unknown' : copy.myResponse,
    })),
    plannedStart: null,
    plannedEnd: null,
    plannedWish: null,
  };
}

type Given = Partial<Omit<PlanRules, 'conferences'>> & { readonly conferences?: Partial<PlanRules['conferences']> };

/** The defaults of the configuration with one server, but for what is `given`. */
export function sampleRules({ conferences, ...given }: Given = {}): PlanRules {
  return {
    conferences: {
      match: 'meetings',
      externalOrganizers: false,
      minimumPeople: 2,
      createAhead: 24,
      openBefore: 0,
      grace: 30,
      perSeries: false,
      schedule: 'none',
      stopOnCancel: false,
      stopAfterEnd: false,
      dryRun: false,
      requestsPerSecond: 60,
      safetyPollMs: 0,
      ...conferences,
    },
    launchConference: true,
    temporalConfParticipantsMode: false,
    storePrivate: true,
    privateTopic: 'Private meeting',
    servers: [TINY],
    whitelist: ['tiny.example#vcs'],
    users: new Set(['anna@corp.example']),
    launchingSinceMs: START - 1000 * HOUR,
    ...given,
  };
}

/** What the servers said: address → TrueConf ID or null. */
export function answers(known: Record<string, string | null>, serverId = TINY.serverId): AddressMapping[] {
  return Object.entries(known).map(([address, trueconfId]) => ({ serverId, address, trueconfId, known: true }));
}
