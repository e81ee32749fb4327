import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';

/** The server no longer has it: ours is made again, once in a life; a linked one is only shown from now on. */
export function vanished(work: ClaimedConference, tools: StepTools): ConferenceOutcome {
  const times = tools.times();
  if (work.held === 'link') {
    const change = { mayRun: false, failure: 'link-not-found', appliedVersion: work.wantedVersion };
    return moved(work, 'looked', change, { times, reason: 'link-not-found' });
  }
  const gone = { held: null, heldServer: null, cid: null, url: null, appUrl: null, mayRun: null, invited: [] } as const;
  if (work.recreated) {
    const change = { ...gone, failure: 'vanished', appliedVersion: work.wantedVersion };
    return moved(work, 'vanishedAgain', change, { times, reason: 'vanished' });
  }
  return moved(work, 'vanished', { ...gone, recreated: true, appliedVersion: 0 }, { times, reason: 'vanished' });
}
