import { addressOf, CalendarWriter, PEOPLE, TrueConfControl, type TrueConference, until } from 'stack-driver';
import { figuresOf } from '../figures.ts';
import { watchMachine } from '../machine.ts';
import type { BenchResult } from '../report.ts';
import { withStack } from '../with-stack.ts';

const COUNT = 200;
const OVER_SECONDS = 40;
/** From the first save in Exchange to the first start: time enough to sync, plan and create them all. */
const LEAD_MS = 30_000;
const LENGTH_MS = 30 * 60_000;
const PATIENCE_MS = 20_000;

/** When the meetings begin; Exchange keeps whole seconds, so several begin in the same one. */
interface Meeting {
  readonly subject: string;
  readonly dueMs: number;
}

/** A start as the TrueConf simulator's journal has it. */
interface StartSample {
  readonly dueMs: number;
  /** When the head of the first run request arrived. */
  readonly arrivedMs: number;
}

/**
 * How late conferences are started: meetings saved over EWS, read by a real sync-worker, started by a real launcher;
 * arrival by the TrueConf simulator's journal.
 */
export function runStarts(): Promise<BenchResult> {
  const machine = watchMachine();
  const quiet = (config: Record<string, unknown>) => Object.assign(config, { sync: { pollSeconds: 1 } });
  return withStack(quiet, async ({ stack, start }) => {
    await start('sync-worker');
    await start('launcher');
    const trueconf = new TrueConfControl(stack.addresses.trueconfControl);
    const meetings = await saveMeetings(stack.addresses.ews);
    const firstDueMs = meetings[0]!.dueMs;
    const inTime = await until('all conferences are created', () => allThere(trueconf, meetings), {
      everyMs: 250,
    }).then(() => Date.now() < firstDueMs);
    // Nobody asks the simulator anything while the starts are measured.
    await until('the last start', () => (Date.now() > firstDueMs + OVER_SECONDS * 1000 ? true : undefined), {
      patienceMs: LEAD_MS + OVER_SECONDS * 1000 + PATIENCE_MS,
      everyMs: 200,
    });
    const conferences = await until(
      'all conferences run',
      async () => {
        const ours = await conferencesOf(trueconf, meetings);
        return ours.every(({ starts }) => starts > 0) ? ours : undefined;
      },
      { patienceMs: PATIENCE_MS, everyMs: 500 },
    );
    const samples = await samplesOf(trueconf, meetings, conferences);
    const lateness = samples.map(({ dueMs, arrivedMs }) => arrivedMs - dueMs);
    const twice = conferences.filter(({ starts }) => starts > 1).length;
    return {
      bench: 'starts',
      machine: machine(),
      setting: {
        conferences: COUNT,
        'over, s': OVER_SECONDS,
        'in one second': COUNT / OVER_SECONDS,
        launchers: 1,
        lateness: 'arrival of the run request at the TrueConf simulator − start of the meeting',
      },
      figures: { 'lateness, ms': figuresOf(lateness) },
      facts: { early: lateness.filter((ms) => ms < 0).length, startedTwice: twice },
      problems: [
        ...(inTime ? [] : ['some conferences were still being created when the first ones were due']),
        ...(samples.length === COUNT ? [] : [`${COUNT - samples.length} conferences were not started`]),
        ...(twice === 0 ? [] : [`${twice} conferences were started twice`]),
      ],
      samples: { starts: samples },
    };
  });
}

/** Everybody of the company plans a share of the meetings, all at the same time. */
async function saveMeetings(ewsUrl: string): Promise<Meeting[]> {
  const firstDueMs = Math.ceil((Date.now() + LEAD_MS) / 1000) * 1000;
  const meetings = Array.from({ length: COUNT }, (_, n) => ({
    subject: `Meeting ${n}`,
    dueMs: firstDueMs + Math.floor((n * OVER_SECONDS) / COUNT) * 1000,
  }));
  const shares = PEOPLE.map(async (id, place) => {
    const writer = new CalendarWriter(ewsUrl, addressOf(id));
    const attendees = [1, 2].map((step) => addressOf(PEOPLE[(place + step) % PEOPLE.length]!));
    for (const { subject, dueMs } of meetings.filter((_, n) => n % PEOPLE.length === place)) {
      await writer.create({ subject, start: new Date(dueMs), end: new Date(dueMs + LENGTH_MS), attendees });
    }
  });
  await Promise.all(shares);
  return meetings;
}

async function conferencesOf(trueconf: TrueConfControl, meetings: readonly Meeting[]): Promise<TrueConference[]> {
  const subjects = new Set(meetings.map(({ subject }) => subject));
  return (await trueconf.conferences()).filter(({ topic }) => subjects.has(topic));
}

async function allThere(trueconf: TrueConfControl, meetings: readonly Meeting[]): Promise<true | undefined> {
  return (await conferencesOf(trueconf, meetings)).length >= meetings.length ? true : undefined;
}

async function samplesOf(
  trueconf: TrueConfControl,
  meetings: readonly Meeting[],
  conferences: readonly TrueConference[],
): Promise<StartSample[]> {
  const due = new Map(meetings.map(({ subject, dueMs }) => [subject, dueMs]));
  const topics = new Map(conferences.map(({ cid, topic }) => [cid, topic]));
  const samples = new Map<string, StartSample>();
  for (const { route, cid, arrivedAtMs } of await trueconf.journal()) {
    const topic = cid === null ? undefined : topics.get(cid);
    const dueMs = topic === undefined ? undefined : due.get(topic);
    if (route !== 'run' || dueMs === undefined || samples.has(topic!)) continue;
    samples.set(topic!, { dueMs, arrivedMs: arrivedAtMs });
  }
  return [...samples.values()];
}
