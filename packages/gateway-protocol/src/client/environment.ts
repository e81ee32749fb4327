/** As much of a browser's WebSocket as the client uses. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** Time, replaceable in tests. */
export interface ClientClock {
  /** Unix time in milliseconds, with fractions. */
  now(): number;
  /** Runs `task` after `delayMs`; calling what it returns prevents that. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: ClientClock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
const JITTER_MS = 1_000;

/**
 * How long to wait before an attempt: 1 s, 2 s, 4 s … 60 s, each with up to a second more, so that clients which lost
 * the same gateway do not all come back at once.
 *
 * @param attempt 0 for the first one after a connection that worked
 * @param random number in [0, 1)
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16)) + random * JITTER_MS;
}
