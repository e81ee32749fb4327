import type { GatewayLimits } from 'connector-config';
import type { Session } from './session.ts';

const ACKNOWLEDGE_WITHIN_MS = 30_000;
const POSITION_EVERY_MS = 60_000;

/** What time it is, by both clocks. */
export interface WatchTime {
  /** Steady milliseconds. */
  readonly steady: number;
  /** Unix ms by the database's clock. */
  readonly database: number;
}

/**
 * Looks after one socket: closes it when its time is over in one way or another, pings it when it is silent, and has a
 * quiet subscriber told a fresh position.
 *
 * @returns whether there is something to tell now
 */
export function watchSession(session: Session, limits: GatewayLimits, now: WatchTime): boolean {
  const ended = endOf(session, limits, now);
  if (ended !== undefined) {
    ended();
    return false;
  }
  const silentFor = now.steady - Math.max(session.heardAt, session.pingedAt);
  if (silentFor >= limits.pingSeconds * 1000) {
    session.pingedAt = now.steady;
    session.socket.ping();
  }
  const { subscription } = session;
  if (subscription === undefined || now.steady - subscription.toldAt < POSITION_EVERY_MS) return false;
  subscription.positionDue = true;
  return true;
}

/** How it has to end now, if it has to. */
function endOf(session: Session, limits: GatewayLimits, now: WatchTime): (() => void) | undefined {
  const { identity, window } = session;
  if (now.steady - session.heardAt >= limits.idleSeconds * 1000) return () => session.socket.terminate();
  if (identity === undefined && now.steady - session.openedAt >= limits.authSeconds * 1000) {
    return () => session.close('authTimeout', `no successful auth within ${limits.authSeconds} s`);
  }
  if (identity !== undefined && now.database >= identity.expiresAt) {
    return () => session.close('notAuthorized', 'the token has expired');
  }
  if (window.fullSince !== undefined && now.steady - window.fullSince >= ACKNOWLEDGE_WITHIN_MS) {
    return () => session.close('tooSlow', 'pushes were not acknowledged');
  }
  return undefined;
}
