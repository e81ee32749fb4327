import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { type Conference, type ConferencePatch, canonicalTrueConfId, TrueConfError } from 'trueconf-client';
import { moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';
import { invitationIds, scheduleOf } from './create-conference.ts';
import { vanished } from './vanished.ts';

/**
 * Brings the conference on the server in step with the event: reads it and changes what differs, so that it does not
 * matter how far an earlier attempt came.
 */
export async function changeConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const cid = work.cid ?? '';
  const found = await tools.request('change', (client, options) => client.getConference(cid, options));
  if (found === null) return vanished(work, tools);
  // Somebody has opened it early; who is new is called as into any running conference.
  if (found.state === 'running') return moved(work, 'seenRunning', { confirmed: true }, { times: tools.times() });
  try {
    const isPatched = await patch(work, tools, found);
    const refused = await changeInvitations(work, tools, found);
    const failure = isPatched && refused === 0 ? null : 'change-refused';
    const change = { appliedVersion: work.wantedVersion, invited: invitationIds(work), failure };
    return moved(work, 'changed', change, { times: tools.times(), reason: failure });
  } catch (error) {
    if (error instanceof TrueConfError && error.errorClass === 'notFound') return vanished(work, tools);
    throw error;
  }
}

/** @returns false when the server refuses for good */
async function patch(work: ClaimedConference, tools: StepTools, found: Conference): Promise<boolean> {
  const difference = differs(work, tools, found);
  if (Object.keys(difference).length === 0) return true;
  try {
    await tools.request('change', (client, options) => client.updateConference(found.id, difference, options));
    return true;
  } catch (error) {
    if (error instanceof TrueConfError && error.errorClass === 'permanent') return false;
    throw error;
  }
}

function differs(work: ClaimedConference, tools: StepTools, found: Conference): ConferencePatch {
  const owner = work.ownerId ?? '';
  const isOwner = canonicalTrueConfId(found.owner, tools.serverId) === canonicalTrueConfId(owner, tools.serverId);
  const difference: ConferencePatch = {};
  if (work.topic !== null && found.topic !== work.topic) difference.topic = work.topic;
  if (work.description !== null && (found.description ?? '') !== work.description) {
    difference.description = work.description;
  }
  if (!isOwner) difference.owner = owner;
  if (found.autoInvite !== null && found.autoInvite !== work.autoInvite) difference.autoInvite = work.autoInvite;
  const schedule = scheduleOf(work, tools.schedule);
  const isMoved = schedule.type === 'once' && found.schedule.start?.getTime() !== schedule.start.getTime();
  if (schedule.type !== found.schedule.type || isMoved) difference.schedule = schedule;
  return difference;
}

/** @returns how many changes the server refused for good: users that it does not know any more */
async function changeInvitations(work: ClaimedConference, tools: StepTools, found: Conference): Promise<number> {
  const short = (id: string) => canonicalTrueConfId(id, tools.serverId);
  const wanted = new Map(invitationIds(work).map((id) => [short(id), id]));
  const there = new Map(found.invitations.map(({ id }) => [short(id), id]));
  const owner = short(work.ownerId ?? '');
  const missing = [...wanted].filter(([key]) => !there.has(key)).map(([, id]) => id);
  const surplus = [...there].filter(([key]) => !wanted.has(key) && key !== owner).map(([, id]) => id);
  let refused = 0;
  for (const id of missing) {
    if (!(await isAccepted(tools, (client, options) => client.addInvitation(found.id, { id }, options)))) refused++;
  }
  for (const id of surplus) {
    if (!(await isAccepted(tools, (client, options) => client.removeInvitation(found.id, id, options)))) refused++;
  }
  return refused;
}

async function isAccepted(tools: StepTools, call: Parameters<StepTools['request']>[1]): Promise<boolean> {
  try {
    await tools.request('change', call);
    return true;
  } catch (error) {
    if (!(error instanceof TrueConfError)) throw error;
    if (error.errorClass === 'permanent' || error.reason === 'userNotFound') return false;
    throw error;
  }
}
