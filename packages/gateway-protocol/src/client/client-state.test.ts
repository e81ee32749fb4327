import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientEvent, type ClientState, clientTransitions, nextClientState } from './client-state.ts';

const states = Object.keys(clientTransitions) as ClientState[];
const events = Object.keys(clientTransitions.live) as ClientEvent[];

describe('client states', () => {
  it('are reached only through the step before, whatever happens in whatever order', () => {
    const before: Partial<Record<ClientState, ClientState[]>> = {
      authenticating: ['connecting'],
      subscribing: ['authenticating', 'live'],
      live: ['subscribing'],
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (happened) => {
        let state: ClientState = 'stopped';
        for (const event of happened) {
          const next = nextClientState(state, event);
          if (next !== state && before[next]) expect(before[next]).toContain(state);
          state = next;
        }
      }),
    );
  });

  it.each(states)('%s ends with stop, and only start leaves stopped', (state) => {
    expect(nextClientState(state, 'stop')).toBe('stopped');
    for (const event of events) {
      expect(nextClientState('stopped', event)).toBe(event === 'start' ? 'connecting' : 'stopped');
    }
  });
});
