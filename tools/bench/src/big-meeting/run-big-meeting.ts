import { type Figures, figuresOf, round } from '../figures.ts';
import { watchMachine } from '../machine.ts';
import type { BenchResult } from '../report.ts';
import { requireResources } from '../scale/resources.ts';
import { playBigMeeting, type StoryOptions, WEEKS } from './story.ts';
import type { Phase, Story } from './story-result.ts';

/** An unrelated meeting is to be planned so soon after the commit that brings it. */
const UNRELATED_WITHIN_MS = 2_000;

/** A weekly meeting of many people, all of whose mailboxes are cached: planned, started, changed, cancelled and shown to all. */
export async function runBigMeeting(options: StoryOptions): Promise<BenchResult> {
  const { people } = options;
  await requireResources(`a meeting of ${people}`, { memoryMib: 1_500 + people * 2, diskMib: 1_000 + people * 8 });
  const machine = watchMachine();
  const story = await playBigMeeting(options);
  return {
    bench: 'big-meeting',
    machine: machine(),
    setting: {
      people,
      occurrences: WEEKS,
      clients: people,
      workers: 'one of each kind',
      unrelated: 'plan − commit of a meeting of two that is saved meanwhile',
    },
    figures: Object.fromEntries(story.phases.flatMap(unrelatedFigures)),
    facts: factsOf(story),
    problems: problemsOf(story, people),
    samples: {
      ...Object.fromEntries(story.phases.map(({ name, unrelated }) => [`unrelated-${name}`, unrelated])),
      statements: story.statements,
    },
  };
}

function unrelatedFigures({ name, unrelated }: Phase): [string, Figures][] {
  if (unrelated.length === 0) return [];
  return [[`unrelated while it was ${name}, ms`, figuresOf(unrelated.map(planningMs))]];
}

function planningMs({ committedMs, plannedMs }: Phase['unrelated'][number]): number {
  return plannedMs - committedMs;
}

function factsOf(story: Story): Record<string, number> {
  const facts: [string, number][] = story.phases.flatMap(
    ({ name, plannedMs, shownMs, seeing, overtaking, throughExchangeMs, cpuMs }) => [
      ...(plannedMs === null ? [] : [[`${name}: planned after, s`, plannedMs / 1_000] as [string, number]]),
      [`${name}: shown to all after, s`, shownMs / 1_000],
      ...(throughExchangeMs === null
        ? []
        : [[`${name}: unrelated in Exchange planned after, s`, throughExchangeMs / 1_000] as [string, number]]),
      [`${name}: clients that showed it`, seeing],
      [`${name}: unrelated planned before its last copy`, overtaking],
      ...Object.entries(cpuMs).map(([part, ms]): [string, number] => [`${name}: ${part}, CPU s`, ms / 1_000]),
    ],
  );
  const { viewers, databaseMib } = story;
  return Object.fromEntries(
    [
      ...facts,
      ['lateness of the start, ms', story.latenessMs] as const,
      ...Object.entries(story.peakMib).map(([part, mib]) => [`peak memory of ${part}, MiB`, mib] as const),
      ['received by clients, MiB', viewers.bytes / 2 ** 20] as const,
      ['clients that had to start over', viewers.resyncs] as const,
      ['database, MiB', databaseMib.all] as const,
      ['copies with their indexes, MiB', databaseMib.events] as const,
      ['lists of people with their index, MiB', databaseMib.people] as const,
    ].map(([name, value]) => [name, round(value)]),
  );
}

function problemsOf(story: Story, people: number): string[] {
  const { latenessMs, starts, left, viewers, phases } = story;
  const late = phases.flatMap(({ name, unrelated }) => {
    const count = unrelated.filter((meeting) => planningMs(meeting) > UNRELATED_WITHIN_MS).length;
    return count === 0
      ? []
      : [`${count} of ${unrelated.length} unrelated meetings waited over 2 s while it was ${name}`];
  });
  return [
    ...late,
    ...phases.flatMap(({ name, seeing }) =>
      seeing === people ? [] : [`${seeing} clients showed that it was ${name}`],
    ),
    ...(latenessMs < 0 ? ['the conference was started early'] : []),
    ...(starts === 1 ? [] : [`the conference was started ${starts} times`]),
    ...(left === 0 ? [] : [`${left} conferences were left`]),
    ...(viewers.closed === 0 ? [] : [`${viewers.closed} clients lost their connection`]),
  ];
}
