import type { CalendarEvent } from '../calendar-event.ts';
import type { MethodReply, PushPayload } from '../methods.ts';
import type { ClientState } from './client-state.ts';
import type { ClientClock, WebSocketConstructor } from './environment.ts';
import type { EventChanges } from './event-store.ts';

export interface EventRange {
  /** Unix ms; absent: as far back as the cache goes. */
  readonly from?: number;
  /** Unix ms, exclusive; absent: as far ahead as the cache goes. */
  readonly to?: number;
}

export interface CalendarClientOptions {
  /** `ws(s)://host:4315/websocket/calendar`. */
  readonly url: string | URL;
  /** A valid access token; called before every connection and before the token in use expires. */
  getToken(): string | Promise<string>;
  /** What to show; called before every subscription. Another answer than last time asks for a snapshot. */
  range?(): EventRange;
  /** What was held when the program last ran, with the position that belongs to it and to the same range. */
  readonly events?: Iterable<CalendarEvent>;
  readonly position?: string;
  readonly WebSocket?: WebSocketConstructor;
  readonly clock?: ClientClock;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** What one frame changed; `receivedAt` is unix ms with fractions, taken before the frame was read. */
export interface CalendarChange extends EventChanges {
  readonly receivedAt: number;
}

/** Signed-in user as the gateway knows him. */
export type SignedIn = MethodReply<'auth'>;

export interface CalendarClientEvents {
  change: CalendarChange;
  state: ClientState;
  signedIn: SignedIn;
  /** Why a connection or an attempt ended. The client goes on by itself unless its state is `stopped`. */
  problem: Error;
  closing: PushPayload<'closing'>;
}
