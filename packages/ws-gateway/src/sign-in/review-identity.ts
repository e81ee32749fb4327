import type { Router } from '../delivery/router.ts';
import type { Session } from '../socket/session.ts';
import type { TrueConfServers } from './trueconf-servers.ts';
import { stillAllowed } from './user-addresses.ts';

/** After a reload: ends sockets whose server may no longer use the connector, and takes away addresses mapped to others. */
export function reviewIdentity(session: Session, servers: TrueConfServers, router: Router): void {
  const { identity } = session;
  if (identity === undefined) return;
  const server = servers.byId(identity.serverId);
  if (server === undefined) {
    session.close('notWhitelisted', 'the TrueConf Server of this user may not use the connector any more');
    return;
  }
  const addresses = stillAllowed(servers.all, server, identity.userId, identity.addresses);
  if (addresses.length === identity.addresses.length) return;
  session.identity = { ...identity, addresses };
  session.viewers = undefined;
  router.remove(session);
  router.register(session, addresses);
  session.subscription?.startOver('the addresses of the user are others now');
  router.announce(session);
}
