import { readFileSync } from 'node:fs';
import { type ConferenceState, LOCAL_STEPS, SERVER_STEPS } from 'calendar-db/conferences';
import { FAILURES, REFUSALS, RESTRICTIONS } from 'calendar-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONFERENCE_STATES,
  ImpossibleTransitionError,
  nextState,
  TRANSITIONS,
  TRIGGERS,
  type Trigger,
} from './conference-states.ts';

const guide = readFileSync(new URL('../../../docs/conferences.md', import.meta.url), 'utf8');

/** Cells of the rows of a Markdown table that follows this heading. */
function table(heading: string): string[][] {
  const section = guide.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('the transition table', () => {
  it('stands in docs/conferences.md as it is in the code', () => {
    const [head = [], , ...rows] = table('All transitions');
    expect(head.slice(1)).toEqual([...CONFERENCE_STATES]);
    const written = rows.map(([trigger, ...cells]) => [trigger, ...cells]);
    const coded = TRIGGERS.map((trigger) => [
      trigger,
      ...CONFERENCE_STATES.map((state) => TRANSITIONS[state][trigger] ?? '–'),
    ]);
    expect(written).toEqual(coded);
  });

  it('explains every reason and failure in docs/conferences.md', () => {
    const explained = table('Reasons').slice(2);
    const coded = Object.entries({ ...REFUSALS, ...RESTRICTIONS, ...FAILURES });
    expect(explained).toEqual(coded.map(([code, text]) => [code, text.replaceAll('`', '')]));
  });

  it('lets nothing that is over begin again but by a new life', () => {
    for (const state of ['ended', 'cancelled', 'missed', 'failed'] as const) {
      const ways = TRIGGERS.filter((trigger) => TRANSITIONS[state][trigger] !== null);
      expect(ways).toEqual(['revive', 'acknowledge']);
    }
  });

  it('leads from ready to running only, so that a life starts once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Trigger>(...TRIGGERS), { maxLength: 60 }), (triggers) => {
        let state: ConferenceState = 'planned';
        let startsInLife = 0;
        for (const trigger of triggers) {
          const next: ConferenceState | null = TRANSITIONS[state][trigger];
          if (next === null) continue;
          if (trigger === 'revive') startsInLife = 0;
          if (state !== 'running' && next === 'running') startsInLife++;
          state = next;
        }
        expect(startsInLife).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses what cannot happen', () => {
    expect(() => nextState('ended', 'started')).toThrow(ImpossibleTransitionError);
    expect(nextState('ready', 'started')).toBe('running');
  });

  it('has steps that are either local or ask a server', () => {
    expect(new Set([...LOCAL_STEPS, ...SERVER_STEPS]).size).toBe(LOCAL_STEPS.length + SERVER_STEPS.length);
  });
});
