import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { canonicalTrueConfId } from 'trueconf-client';
import { moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';
import { pageUrl } from './create-conference.ts';
import { vanished } from './vanished.ts';

/** Asks whose conference an event's link leads to: it is run only for the organizer's own one. */
export async function lookAtLink(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const found = await tools.request('look', (client, options) => client.getConference(work.cid ?? '', options));
  if (found === null) return vanished(work, tools);
  const short = (id: string) => canonicalTrueConfId(id, tools.serverId);
  const mayRun = work.ownerId !== null && short(found.owner) === short(work.ownerId);
  const failure = mayRun || work.ownerId === null ? null : 'link-not-owned';
  const change = { mayRun, failure, url: pageUrl(found, tools.host), appliedVersion: work.wantedVersion };
  return moved(work, 'looked', change, { times: tools.times(), reason: failure });
}
