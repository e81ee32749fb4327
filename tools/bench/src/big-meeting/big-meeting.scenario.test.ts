import { beforeAll, describe, expect, it } from 'vitest';
import { playBigMeeting } from './story.ts';
import type { Phase, Story } from './story-result.ts';

const PEOPLE = 150;

/** The same as `pnpm bench big-meeting`, with a tenth of the people. Nothing here depends on how fast the machine is. */
describe('a weekly meeting of many people, all of whose mailboxes are cached', () => {
  let story: Story;
  let phases: Readonly<Record<Phase['name'], Phase>>;
  beforeAll(async () => {
    story = await playBigMeeting({ people: PEOPLE, tell: (text) => console.log(text) });
    phases = Object.fromEntries(story.phases.map((phase) => [phase.name, phase])) as typeof phases;
    const { latenessMs, peakMib, databaseMib } = story;
    const waited = story.phases.flatMap(({ unrelated }) =>
      unrelated.map(({ committedMs, plannedMs }) => Math.round(plannedMs - committedMs)),
    );
    console.log({ latenessMs, peakMib, databaseMib, longestWaitOfUnrelatedMs: Math.max(...waited) });
    // Longer than the story waits for any one thing: it ends its processes itself when that does not come about.
  }, 300_000);

  it('is planned, changed and cancelled, and each of its people is shown that', () => {
    expect(story.phases.map(({ name, seeing }) => [name, seeing])).toEqual([
      ['planned', PEOPLE],
      ['started', PEOPLE],
      ['changed', PEOPLE],
      ['cancelled', PEOPLE],
    ]);
    expect(story.viewers).toMatchObject({ seeing: PEOPLE, closed: 0 });
  });

  it('is started once and not early, and nothing of it is left when it is cancelled', () => {
    expect(story.starts).toBe(1);
    expect(story.latenessMs).toBeGreaterThanOrEqual(0);
    expect(story.left).toBe(0);
  });

  it.each(['planned', 'changed', 'cancelled'] as const)(
    'holds up no other meeting while it is %s: others are planned before all of its copies are read',
    (name) => {
      expect(phases[name].overtaking).toBeGreaterThan(0);
    },
  );

  it('has its people indexed once for each occurrence, not once for each copy', () => {
    const { events, people } = story.databaseMib;
    expect(people).toBeLessThan(events / PEOPLE + 1);
  });
});
