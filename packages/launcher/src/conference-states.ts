import type { ConferenceState } from 'calendar-db/conferences';

/** What can happen to a conference, whoever caused it. */
export const TRIGGERS = [
  'withdraw',
  'adopt',
  'cancel',
  'letGo',
  'miss',
  'close',
  'revive',
  'acknowledge',
  'created',
  'changed',
  'looked',
  'started',
  'seenRunning',
  'seenStopped',
  'rang',
  'halted',
  'deleted',
  'vanished',
  'vanishedAgain',
  'refused',
] as const;

export type Trigger = (typeof TRIGGERS)[number];

export const CONFERENCE_STATES = [
  'planned',
  'ready',
  'running',
  'cancelling',
  'ended',
  'cancelled',
  'missed',
  'failed',
] as const satisfies readonly ConferenceState[];

type Row = { readonly [T in Trigger]: ConferenceState | null };

/** Nothing but coming back happens to what is over. */
const over = {
  withdraw: null,
  adopt: null,
  cancel: null,
  letGo: null,
  miss: null,
  close: null,
  revive: 'planned',
  created: null,
  changed: null,
  looked: null,
  started: null,
  seenRunning: null,
  seenStopped: null,
  rang: null,
  halted: null,
  deleted: null,
  vanished: null,
  vanishedAgain: null,
  refused: null,
} as const satisfies Omit<Row, 'acknowledge'>;

/**
 * Where every trigger leads from every state; null: it cannot happen there. A state or trigger that is added without its
 * pairs does not compile. docs/conferences.md explains the table, and a test compares the two.
 */
export const TRANSITIONS: { readonly [S in ConferenceState]: Row } = {
  planned: {
    withdraw: 'cancelled',
    adopt: 'ready',
    cancel: 'cancelling',
    letGo: null,
    miss: 'missed',
    close: 'ended',
    revive: null,
    acknowledge: null,
    created: 'ready',
    changed: null,
    looked: null,
    started: null,
    seenRunning: null,
    seenStopped: null,
    rang: null,
    halted: null,
    deleted: null,
    vanished: null,
    vanishedAgain: null,
    refused: 'failed',
  },
  ready: {
    withdraw: null,
    adopt: null,
    cancel: 'cancelling',
    letGo: 'cancelled',
    miss: 'missed',
    close: 'ended',
    revive: null,
    acknowledge: null,
    created: null,
    changed: 'ready',
    looked: 'ready',
    started: 'running',
    seenRunning: 'running',
    seenStopped: 'ended',
    rang: null,
    halted: null,
    deleted: null,
    vanished: 'planned',
    vanishedAgain: 'failed',
    refused: 'failed',
  },
  running: {
    withdraw: null,
    adopt: null,
    cancel: null,
    letGo: 'cancelled',
    miss: null,
    close: null,
    revive: null,
    acknowledge: 'running',
    created: null,
    changed: null,
    looked: null,
    started: null,
    seenRunning: 'running',
    seenStopped: 'ended',
    rang: 'running',
    halted: 'cancelling',
    deleted: null,
    vanished: 'ended',
    vanishedAgain: null,
    refused: null,
  },
  cancelling: {
    withdraw: null,
    adopt: null,
    cancel: null,
    letGo: null,
    miss: null,
    close: null,
    revive: null,
    acknowledge: null,
    created: null,
    changed: null,
    looked: null,
    started: null,
    seenRunning: null,
    seenStopped: null,
    rang: null,
    halted: null,
    deleted: 'cancelled',
    vanished: null,
    vanishedAgain: null,
    refused: 'failed',
  },
  ended: { ...over, acknowledge: 'ended' },
  cancelled: { ...over, acknowledge: 'cancelled' },
  missed: { ...over, acknowledge: 'missed' },
  failed: { ...over, acknowledge: 'failed' },
};

/** A step came out in a way that its state does not know: a defect of the launcher, never the server's fault. */
export class ImpossibleTransitionError extends Error {
  readonly code = 'conference-impossible-transition';

  constructor(state: ConferenceState, trigger: Trigger) {
    super(`a conference that is ${state} cannot be "${trigger}"`);
    this.name = new.target.name;
  }
}

/** @throws ImpossibleTransitionError when the trigger cannot happen in this state */
export function nextState(state: ConferenceState, trigger: Trigger): ConferenceState {
  const next = TRANSITIONS[state][trigger];
  if (next === null) throw new ImpossibleTransitionError(state, trigger);
  return next;
}
