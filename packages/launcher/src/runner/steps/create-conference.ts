import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { type Conference, type ConferenceInput, type ConferenceSchedule, TrueConfError } from 'trueconf-client';
import { appUrl, conferenceId, OWN_TAG } from '../conference-id.ts';
import { again, moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';

/**
 * Makes the conference. Its id is the same at every attempt, so an earlier attempt of ours whose answer was lost is found
 * by the id being taken, and adopted by our tag.
 */
export async function createConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const cid = conferenceId(tools.salt, { ...work, serverId: tools.serverId });
  try {
    const made = await tools.request('create', (client, options) =>
      client.createConference(conferenceInput(work, cid, tools.schedule), options),
    );
    return ready(work, tools, made, work.wantedVersion, null);
  } catch (error) {
    if (!(error instanceof TrueConfError)) throw error;
    if (error.errorClass === 'conflict') return adopt(work, tools, cid);
    if (error.errorClass !== 'permanent' && error.errorClass !== 'notFound') throw error;
    return refused(work, tools, error);
  }
}

async function adopt(work: ClaimedConference, tools: StepTools, cid: string): Promise<ConferenceOutcome> {
  const taken = await tools.request('create', (client, options) => client.getConference(cid, options));
  // Deleted between the two requests: the next attempt will do.
  if (taken === null) return again(work, { unresolved: true });
  if (!taken.tags.includes(OWN_TAG)) {
    const change = { failure: 'id-taken', appliedVersion: work.wantedVersion };
    return moved(work, 'refused', change, { times: tools.times(), reason: 'id-taken' });
  }
  // It was made from an older wish, maybe: what differs is changed next.
  return ready(work, tools, taken, work.wantedVersion - 1, 'adopted');
}

function ready(
  work: ClaimedConference,
  tools: StepTools,
  made: Conference,
  appliedVersion: number,
  reason: string | null,
): ConferenceOutcome {
  const change = {
    held: 'own',
    heldServer: tools.serverId,
    cid: made.id,
    url: pageUrl(made, tools.host),
    appUrl: appUrl(made.id, tools.serverId),
    mayRun: true,
    invited: invitationIds(work),
    appliedVersion,
    failure: null,
  } as const;
  return moved(work, 'created', change, { times: tools.times(), reason });
}

function refused(work: ClaimedConference, tools: StepTools, error: TrueConfError): ConferenceOutcome {
  const failure = `refused:${error.reason ?? error.code}`;
  const change = { failure, appliedVersion: work.wantedVersion };
  return moved(work, 'refused', change, { times: tools.times(), reason: failure });
}

function conferenceInput(work: ClaimedConference, cid: string, schedule: 'none' | 'once'): ConferenceInput {
  return {
    id: cid,
    topic: work.topic ?? '',
    owner: work.ownerId ?? '',
    schedule: scheduleOf(work, schedule),
    invitations: invitationIds(work).map((id) => ({ id })),
    autoInvite: work.autoInvite,
    tags: [OWN_TAG],
    ...(work.description && { description: work.description }),
  };
}

/** Shortest and longest duration that the server takes, in seconds. */
const SHORTEST = 60;
const LONGEST = 86_399;

/** `none` leaves the start to us alone; with `once` the server lists it, and starts it as well. */
export function scheduleOf(work: ClaimedConference, schedule: 'none' | 'once'): ConferenceSchedule {
  if (schedule === 'none') return { type: 'none' };
  const seconds = Math.round((work.endsAt.getTime() - work.startsAt.getTime()) / 1000);
  const durationSeconds = Math.min(Math.max(seconds, SHORTEST), LONGEST);
  return { type: 'once', start: work.startsAt, durationSeconds, utcOffsetMinutes: 0 };
}

/** Who stands on the conference's list: all, or the owner alone when the others are called at the start. */
export function invitationIds(work: ClaimedConference): string[] {
  if (work.autoInvite) return work.invitees.map(({ id }) => id);
  return work.ownerId === null ? [] : [work.ownerId];
}

/** The page as the server names it, if that is a page. */
export function pageUrl({ id, url }: Conference, host: string): string {
  return url !== null && /^https?:\/\//iu.test(url) ? url : `https://${host}/c/${id}`;
}
