import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { TrueConfError } from 'trueconf-client';
import { moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';

const MINUTE = 60_000;
/** A conference that outlives its event is looked at once a minute at first, then ever more seldom. */
const MOST_SELDOM_MS = 10 * MINUTE;
const GIVE_UP_AFTER_MS = 24 * 60 * MINUTE;

/** Looks whether a running conference still runs. It is never cut because its event is over. */
export async function watchConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const found = await tools.request('watch', (client, options) => client.getConference(work.cid ?? '', options));
  const times = tools.times();
  const now = tools.now();
  const overForMs = now - work.endsAt.getTime();
  if (found === null) return ended(work, tools, 'vanished', 'vanished');
  const isMoved = work.openAt.getTime() > now;
  if (found.state === 'running') {
    if (overForMs > GIVE_UP_AFTER_MS) return ended(work, tools, 'seenStopped', 'still-running');
    const retryMs = overForMs >= 0 ? Math.min(Math.max(overForMs, MINUTE), MOST_SELDOM_MS) : isMoved ? MINUTE : null;
    return moved(work, 'seenRunning', { confirmed: !isMoved, failure: null }, { times, retryMs });
  }
  if (overForMs >= 0 || isMoved) return ended(work, tools, 'seenStopped', null);
  // People may have left and come back; it counts as running until its event is over.
  const notes = { times, reason: 'not-seen-running', retryMs: -overForMs };
  return moved(work, 'acknowledge', { failure: 'not-seen-running' }, notes);
}

/** Stops a running conference, because its event was cancelled or is over and the configuration says so. */
export async function stopConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  try {
    await tools.request('stop', (client, options) => client.stopConference(work.cid ?? '', options));
  } catch (error) {
    const isRefusal = error instanceof TrueConfError && ['permanent', 'notFound'].includes(error.errorClass);
    if (!isRefusal) throw error;
    const found = await tools.request('stop', (client, options) => client.getConference(work.cid ?? '', options));
    if (found?.state === 'running') throw error;
  }
  if (work.wanted !== 'none') return ended(work, tools, 'seenStopped', 'stopped-after-end');
  const trigger = work.held === 'own' ? 'halted' : 'letGo';
  const change = { confirmed: false, appliedVersion: work.wantedVersion };
  return moved(work, trigger, change, { times: tools.times(), reason: 'stopped-on-cancel' });
}

/** An event that was moved meanwhile comes back with its next life. */
function ended(
  work: ClaimedConference,
  tools: StepTools,
  trigger: 'seenStopped' | 'vanished',
  reason: string | null,
): ConferenceOutcome {
  const isMoved = work.openAt.getTime() > tools.now();
  const appliedVersion = isMoved ? work.wantedVersion - 1 : work.wantedVersion;
  return moved(work, trigger, { confirmed: false, appliedVersion }, { times: tools.times(), reason });
}
