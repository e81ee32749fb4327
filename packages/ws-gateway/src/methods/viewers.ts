import { canonicalAddresses, hasMailbox } from 'calendar-db/directory';
import { type Coverage, readCoverage } from 'calendar-db/views';
import type { Connection } from '../connections/connection.ts';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';

/** The span that the cache holds of somebody's calendar, unix ms; null where it is not known. */
export interface CoveredSpan {
  readonly coveredFrom: number | null;
  readonly coveredTo: number | null;
}

/**
 * The people that a connection's user stands for, as the cache names them. From here on changes that concern them are
 * marked for the connection.
 *
 * @returns canonical addresses
 * @throws ConnectionGoneError
 * @throws NotSignedInError
 */
export async function viewersOf({ database, hub }: MethodServices, connection: Connection): Promise<readonly string[]> {
  for (;;) {
    const { identity, viewers: asked } = connection.signedIn();
    if (asked.addresses !== undefined) return asked.addresses;
    const canonical = await canonicalAddresses(database, identity.addresses);
    const viewers = [...new Set(canonical.values())];
    // An alias that was learned meanwhile makes this another question, which is asked again.
    if (connection.settleViewers(asked, viewers)) hub.watch(connection, [...identity.addresses, ...viewers]);
  }
}

/**
 * What the cache holds for these people.
 *
 * @throws MethodError addressNotKnown, cacheNotReady
 */
export async function coverageOf(services: MethodServices, viewers: readonly string[]): Promise<CoveredSpan> {
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
