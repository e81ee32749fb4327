import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { TrueConfError } from 'trueconf-client';
import { wasNotSent } from '../../trueconf-server.ts';
import { again, moved, type RequestTimes } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';
import { vanished } from './vanished.ts';

/**
 * A conference that is stopped this long after its start was asked for has run and is over. Longer than a machine takes
 * to come back, or two launchers that die one after the other with the same claim (30 s lost a start that way); shorter
 * than any meeting of which people would mind being called again.
 */
const RETRY_WITHIN_MS = 180_000;
/** A start that the server refuses for good is tried so many times. */
const MOST_REFUSALS = 5;
/** A started conference is looked at once after this time. */
const CONFIRM_AFTER_MS = 10_000;

/** Starts the conference. Whatever leaves the outcome open is settled by looking at the conference. */
export async function runConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const cid = work.cid ?? '';
  try {
    await tools.request('run', (client, options) => client.runConference(cid, options));
    return started(work, false, tools.times());
  } catch (error) {
    if (!(error instanceof TrueConfError) || wasNotSent(error)) throw error;
    if (error.errorClass === 'notFound') return vanished(work, tools);
    return afterDoubt(work, tools, error);
  }
}

/** A start was refused or not answered. */
async function afterDoubt(work: ClaimedConference, tools: StepTools, doubt: TrueConfError): Promise<ConferenceOutcome> {
  const times = tools.times();
  const reason = doubt.reason ?? doubt.code;
  const found = await tools.request('checkRun', (client, options) => client.getConference(work.cid ?? '', options));
  if (found === null) return vanished(work, tools);
  if (found.state === 'running') return started(work, true, times);
  if (doubt.errorClass === 'permanent' && work.attempts + 1 >= MOST_REFUSALS) {
    const failure = `refused:${reason}`;
    return moved(work, 'refused', { failure, appliedVersion: work.wantedVersion }, { times, reason: failure });
  }
  return again(work, { unresolved: false, times, reason });
}

/** Somebody before us may have asked for the start and did not live to see the answer. */
export async function checkRun(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const found = await tools.request('checkRun', (client, options) => client.getConference(work.cid ?? '', options));
  if (found === null) return vanished(work, tools);
  const times = tools.times();
  if (found.state === 'running') return started(work, true, times);
  if ((work.openForMs ?? 0) < RETRY_WITHIN_MS) {
    return again(work, { unresolved: false, times, reason: 'not-started', retryMs: 0 });
  }
  return moved(work, 'seenStopped', { appliedVersion: work.wantedVersion }, { times, reason: 'over-unseen' });
}

/** @param isSeen whether the conference itself says that it runs, besides the server's having accepted the start */
function started(work: ClaimedConference, isSeen: boolean, times: RequestTimes | undefined): ConferenceOutcome {
  // Those who are not on the list are called now, in a step of its own.
  const callsAll = work.held === 'own' && !work.autoInvite;
  const change = {
    confirmed: isSeen,
    failure: null,
    ...(callsAll && { appliedVersion: 0, invited: [] }),
    ...(work.held === 'link' && { appliedVersion: work.wantedVersion }),
  };
  const isRinging = callsAll || (work.held === 'own' && work.appliedVersion < work.wantedVersion);
  const retryMs = isSeen || isRinging ? null : CONFIRM_AFTER_MS;
  return moved(work, isSeen ? 'seenRunning' : 'started', change, { times, retryMs });
}
