import type { Connection } from '../connections/connection.ts';
import type { Hub } from '../connections/hub.ts';
import type { ServerSet } from './server-set.ts';
import { stillAllowed } from './user-addresses.ts';

/**
 * After a reload: ends a connection whose server may no longer use the connector, and takes away addresses that are
 * mapped to other users now.
 *
 * @returns whether a push is due on the connection
 */
export function reviewIdentity(connection: Connection, servers: ServerSet, hub: Hub): boolean {
  const { identity } = connection;
  if (identity === undefined) return false;
  const server = servers.byId(identity.serverId);
  if (server === undefined) {
    connection.close('notWhitelisted', 'the TrueConf Server of this user may not use the connector any more');
    return false;
  }
  const addresses = stillAllowed(servers.all, server, identity.userId, identity.addresses);
  if (addresses.length === identity.addresses.length) return false;
  hub.signIn(connection, { ...identity, addresses });
  return true;
}
