import type { ClaimedConference, ConferenceOutcome } from 'calendar-db/conferences';
import { TrueConfError } from 'trueconf-client';
import { OWN_TAG } from '../conference-id.ts';
import { again, moved } from '../outcome.ts';
import type { StepTools } from '../step-tools.ts';

/** A conference that somebody opened before it was to be deleted is looked at again after this time. */
const STILL_RUNNING_MS = 60_000;

/** Deletes a conference of ours; one in use, not ours, or shared with other occurrences is left. */
export async function deleteConference(work: ClaimedConference, tools: StepTools): Promise<ConferenceOutcome> {
  const cid = work.cid ?? '';
  if (work.seriesKey !== null && (await tools.otherHolders()) > 0) return deleted(work, tools, 'shared');
  const found = await tools.request('delete', (client, options) => client.getConference(cid, options));
  if (found === null) return deleted(work, tools, 'absent');
  if (!found.tags.includes(OWN_TAG)) return deleted(work, tools, 'not-ours');
  if (found.state === 'running' && !tools.stopOnCancel) {
    return again(work, { unresolved: false, times: tools.times(), reason: 'in-use', retryMs: STILL_RUNNING_MS });
  }
  try {
    await tools.request('delete', (client, options) => client.deleteConference(cid, options));
    return deleted(work, tools, null);
  } catch (error) {
    if (!(error instanceof TrueConfError) || error.errorClass !== 'permanent') throw error;
    const failure = `refused:${error.reason ?? error.code}`;
    const change = { failure, appliedVersion: work.wantedVersion };
    return moved(work, 'refused', change, { times: tools.times(), reason: failure });
  }
}

/** If something is wanted again by now, it comes back with its next life. */
function deleted(work: ClaimedConference, tools: StepTools, reason: string | null): ConferenceOutcome {
  const change = {
    ...{ held: null, heldServer: null, cid: null, url: null, appUrl: null, mayRun: null, invited: [], failure: null },
    appliedVersion: work.wanted === 'none' ? work.wantedVersion : work.wantedVersion - 1,
  };
  return moved(work, 'deleted', change, { times: tools.times(), reason });
}
