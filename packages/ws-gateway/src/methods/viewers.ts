import { canonicalAddresses, hasMailbox } from 'calendar-db/directory';
import { type Coverage, readCoverage } from 'calendar-db/views';
import type { GatewayServices } from '../gateway-services.ts';
import type { Session } from '../socket/session.ts';
import { MethodError } from './method-error.ts';

/** The span that the cache holds of somebody's calendar, unix ms; null where it is not known. */
export interface CoveredSpan {
  readonly coveredFrom: number | null;
  readonly coveredTo: number | null;
}

/**
 * The people that a socket's user stands for, as the cache names them. From here on changes that concern them are marked
 * for the socket.
 */
export async function viewersOf({ database, router }: GatewayServices, session: Session): Promise<readonly string[]> {
  while (session.viewers === undefined) {
    const addresses = session.identity?.addresses ?? [];
    // Set before the question: an alias that is learned meanwhile takes it away again, and the question is repeated.
    const asked: readonly string[] = [];
    session.viewers = asked;
    const canonical = await canonicalAddresses(database, addresses).catch((error: unknown) => {
      session.viewers = undefined;
      throw error;
    });
    if (session.viewers !== asked) continue;
    session.viewers = [...new Set(canonical.values())];
    router.register(session, session.viewers);
  }
  return session.viewers;
}

/**
 * What the cache holds for these people.
 *
 * @throws MethodError addressNotKnown, cacheNotReady
 */
export async function coverageOf(services: GatewayServices, viewers: readonly string[]): Promise<CoveredSpan> {
  const { database, config } = services;
  if (viewers.length === 0) {
    throw new MethodError(
      'addressNotKnown',
      'no mailbox address is known for this user; ask for trueconfServers[].users',
    );
  }
  const cached = (await readCoverage(database, viewers)).filter((coverage) => coverage.cached);
  if (cached.length > 0) return spanOf(cached);
  if (await hasMailbox(database, viewers)) {
    throw new MethodError('cacheNotReady', 'the calendar is being read for the first time; try again later');
  }
  if (config().privacy.viewers === 'participants') return { coveredFrom: null, coveredTo: null };
  throw new MethodError('addressNotKnown', 'no calendar of this user is listed in the connector’s configuration');
}

/** What all of them cover. */
function spanOf(cached: readonly Coverage[]): CoveredSpan {
  const starts = cached.flatMap(({ coveredFrom }) => coveredFrom?.getTime() ?? []);
  const ends = cached.flatMap(({ coveredTo }) => coveredTo?.getTime() ?? []);
  return {
    coveredFrom: starts.length === 0 ? null : Math.max(...starts),
    coveredTo: ends.length === 0 ? null : Math.min(...ends),
  };
}
