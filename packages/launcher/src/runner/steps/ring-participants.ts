import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { TrueConfError } from 'trueconf-client';
import { moved, type OutcomeNotes } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';

const CONFIRM_AFTER_MS = 10_000;

/** Calls everybody into the running conference who was not called or on its list before. */
export async function ringParticipants(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const cid = work.cid ?? '';
  const called = new Set(work.invited);
  const fresh = work.held === 'own' ? work.invitees.map(({ id }) => id).filter((id) => !called.has(id)) : [];
  if (fresh.length === 0) return rang(work, tools, [], null);
  try {
    if (work.autoInvite) {
      for (const id of fresh) {
        await tolerant(tools, (client, options) => client.addInvitation(cid, { id }, options));
      }
    }
    await tools.request('ring', (client, options) => client.inviteParticipants(cid, fresh, options));
    return rang(work, tools, fresh, null);
  } catch (error) {
    if (!(error instanceof TrueConfError) || !isRefusal(error)) throw error;
    return afterRefusal(work, tools, fresh);
  }
}

/** The conference is over by now, or one of the users is not known any more and kept the others from being called. */
async function afterRefusal(work: ClaimedConference, tools: StepTools, fresh: string[]): Promise<ConferenceOutcome> {
  const cid = work.cid ?? '';
  const found = await tools.request('ring', (client, options) => client.getConference(cid, options));
  if (found === null) {
    const change = { appliedVersion: work.wantedVersion, confirmed: false };
    return moved(work, 'vanished', change, { times: tools.times(), reason: 'vanished' });
  }
  if (found.state === 'stopped') return rang(work, tools, [], 'not-running');
  const called: string[] = [];
  for (const id of fresh) {
    if (await tolerant(tools, (client, options) => client.inviteParticipants(cid, [id], options))) called.push(id);
  }
  return rang(work, tools, called, 'some-refused');
}

function rang(work: ClaimedConference, tools: StepTools, called: string[], reason: string | null): ConferenceOutcome {
  const isMoved = work.openAt.getTime() > tools.now();
  const notes: OutcomeNotes = {
    times: tools.times(),
    reason: isMoved ? 'moved-while-running' : reason,
    retryMs: CONFIRM_AFTER_MS,
  };
  const change = {
    appliedVersion: work.wantedVersion,
    invited: [...work.invited, ...called],
    // Until its new time comes it is looked at again and again, so that it can start anew when this one is over.
    ...(isMoved && { confirmed: false }),
  };
  return moved(work, 'rang', change, notes);
}

/** @returns false when the server refuses for good */
async function tolerant(tools: StepTools, call: Parameters<StepTools['request']>[1]): Promise<boolean> {
  try {
    await tools.request('ring', call);
    return true;
  } catch (error) {
    if (error instanceof TrueConfError && isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal({ errorClass }: TrueConfError): boolean {
  return errorClass === 'permanent' || errorClass === 'notFound';
}
