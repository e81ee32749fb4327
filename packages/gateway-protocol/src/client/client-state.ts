/**
 * Where a client stands:
 * `stopped` (by its owner, or refused for good) · `connecting` (fetching a token, opening a socket) ·
 * `authenticating` · `subscribing` · `live` (every change comes) · `waiting` (before the next attempt).
 */
export type ClientState = 'stopped' | 'connecting' | 'authenticating' | 'subscribing' | 'live' | 'waiting';

/**
 * What happens to it:
 * `start`, `stop` (its owner) · `opened`, `authenticated`, `subscribed` (each step done) · `resubscribe` (the gateway,
 * or a new range, asks for a fresh subscription) · `lost` (any failure worth another attempt) · `refused` (a failure that
 * is not) · `delayElapsed`.
 */
export type ClientEvent =
  | 'start'
  | 'stop'
  | 'opened'
  | 'authenticated'
  | 'subscribed'
  | 'resubscribe'
  | 'lost'
  | 'refused'
  | 'delayElapsed';

/** Every state with every event; a missing pair does not compile. The same state means: nothing happens. */
export const clientTransitions: { readonly [S in ClientState]: { readonly [E in ClientEvent]: ClientState } } = {
  stopped: {
    start: 'connecting',
    stop: 'stopped',
    opened: 'stopped',
    authenticated: 'stopped',
    subscribed: 'stopped',
    resubscribe: 'stopped',
    lost: 'stopped',
    refused: 'stopped',
    delayElapsed: 'stopped',
  },
  connecting: {
    start: 'connecting',
    stop: 'stopped',
    opened: 'authenticating',
    authenticated: 'connecting',
    subscribed: 'connecting',
    resubscribe: 'connecting',
    lost: 'waiting',
    refused: 'stopped',
    delayElapsed: 'connecting',
  },
  authenticating: {
    start: 'authenticating',
    stop: 'stopped',
    opened: 'authenticating',
    authenticated: 'subscribing',
    subscribed: 'authenticating',
    resubscribe: 'authenticating',
    lost: 'waiting',
    refused: 'stopped',
    delayElapsed: 'authenticating',
  },
  subscribing: {
    start: 'subscribing',
    stop: 'stopped',
    opened: 'subscribing',
    authenticated: 'subscribing',
    subscribed: 'live',
    resubscribe: 'subscribing',
    lost: 'waiting',
    refused: 'stopped',
    delayElapsed: 'subscribing',
  },
  live: {
    start: 'live',
    stop: 'stopped',
    opened: 'live',
    authenticated: 'live',
    subscribed: 'live',
    resubscribe: 'subscribing',
    lost: 'waiting',
    refused: 'stopped',
    delayElapsed: 'live',
  },
  waiting: {
    start: 'connecting',
    stop: 'stopped',
    opened: 'waiting',
    authenticated: 'waiting',
    subscribed: 'waiting',
    resubscribe: 'waiting',
    lost: 'waiting',
    refused: 'stopped',
    delayElapsed: 'connecting',
  },
};

/** The state after an event. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState {
  return clientTransitions[state][event];
}
