import type { TrueConfControl, TrueConference } from 'stack-driver';
import type { StoryMeeting } from '../story/change-stream.ts';

/** What TrueConf Server did for the meetings of a story. */
export interface ConferenceProof {
  /** What is wrong, one line each. */
  readonly wrong: string[];
  /** Accepted creates of kept meetings. */
  readonly created: number;
  readonly started: number;
  /** Requests beyond those that were accepted: repeated by successors, and refused or found unneeded. */
  readonly repeatedCreates: number;
  readonly repeatedRuns: number;
  /** Milliseconds between due time and start, ordered. */
  readonly lateness: readonly number[];
}

/**
 * Holds the server's own records and journal against what should have happened: per kept meeting one accepted create and
 * one start, not early; per meeting that was called off no start and nothing left.
 */
export async function proveConferences(
  trueconf: TrueConfControl,
  meetings: readonly StoryMeeting[],
): Promise<ConferenceProof> {
  const [conferences, journal] = await Promise.all([trueconf.conferences(), trueconf.journal()]);
  const wrong: string[] = [];
  const lateness: number[] = [];
  const count = { created: 0, started: 0, creates: 0, runs: 0 };
  for (const meeting of meetings) {
    const made = conferences.filter(({ topic }) => topic === meeting.subject);
    const cids = new Set(made.map(({ cid }) => cid));
    const entries = journal.filter(({ cid }) => cid !== null && cids.has(cid));
    const accepted = (transition: 'created' | 'started') =>
      entries.filter(({ transitions }) => transitions.includes(transition)).length;
    if (meeting.cancelled) {
      wrong.push(...wrongWithCancelled(meeting, made));
      continue;
    }
    const [created, started] = [accepted('created'), accepted('started')];
    if (created !== 1) wrong.push(`“${meeting.subject}”: ${created} creates were accepted`);
    if (started !== 1) wrong.push(`“${meeting.subject}”: it was started ${started} times`);
    const startedAt = made[0]?.stateChanges.find(({ to }) => to === 'running')?.atMs;
    if (startedAt !== undefined) {
      if (startedAt < meeting.startMs)
        wrong.push(`“${meeting.subject}”: started ${meeting.startMs - startedAt} ms early`);
      lateness.push(startedAt - meeting.startMs);
    }
    if (made[0]?.owner.split('@')[0] !== meeting.organizer) wrong.push(`“${meeting.subject}”: not its organizer’s`);
    count.created += created;
    count.started += started;
    count.creates += entries.filter(({ route }) => route === 'create').length;
    count.runs += entries.filter(({ route }) => route === 'run').length;
  }
  // No other conference either: nothing of the seeded month is started or made twice.
  for (const { topic, starts } of conferences) {
    if (starts > 1) wrong.push(`“${topic}” was started ${starts} times`);
  }
  return {
    wrong,
    created: count.created,
    started: count.started,
    repeatedCreates: count.creates - count.created,
    repeatedRuns: count.runs - count.started,
    lateness: lateness.sort((a, b) => a - b),
  };
}

function wrongWithCancelled({ subject }: StoryMeeting, made: readonly TrueConference[]): string[] {
  const wrong: string[] = [];
  if (made.length > 1) wrong.push(`“${subject}”, called off: ${made.length} conferences were made`);
  if (made.some(({ starts }) => starts > 0)) wrong.push(`“${subject}”, called off: it was started`);
  if (made.some(({ deletedAtMs }) => deletedAtMs === null))
    wrong.push(`“${subject}”, called off: its conference is left`);
  return wrong;
}
