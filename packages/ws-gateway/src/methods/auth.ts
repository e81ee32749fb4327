import type { MethodPayload, MethodReply } from 'gateway-protocol';
import type { GatewayServices } from '../gateway-services.ts';
import { TokenRefusedError } from '../sign-in/access-tokens.ts';
import { stillAllowed } from '../sign-in/user-addresses.ts';
import type { Identity, Session } from '../socket/session.ts';
import { userKey } from '../socket/session-registry.ts';
import { MethodError } from './method-error.ts';

const MOST_FAILED_AUTHS = 3;

/** Signs a socket in, or anew with a fresher token of the same user. */
export async function auth(
  services: GatewayServices,
  session: Session,
  payload: MethodPayload<'auth'>,
): Promise<MethodReply<'auth'>> {
  const { config, servers, sessions, router, databaseNow } = services;
  if (payload.tokenType !== 'JWT' || !config().gateway.auth.includes('token')) {
    throw new MethodError('unsupportedCredentials', `a token of type ${payload.tokenType} is not accepted here`);
  }
  const holder = await verify(services, session, payload.token);
  const server = servers.byId(holder.serverId);
  if (server === undefined) {
    const description = 'the TrueConf Server of this user may not use the connector';
    throw new MethodError('accessDenied', description, 'notWhitelisted');
  }
  const addresses = stillAllowed(servers.all, server, holder.userId, holder.addresses);
  const identity: Identity = { ...holder, addresses };
  if (session.identity !== undefined && userKey(session.identity) !== userKey(identity)) {
    throw new MethodError('accessDenied', 'another user is signed in here; open another connection');
  }
  if (!sessions.signIn(session, identity, config().gateway.limits.socketsPerUser)) {
    throw new MethodError('limitExceeded', 'this user has too many open sockets', 'tooManySockets');
  }
  const { id: connection } = session;
  services.log.debug('gateway.signed-in', 'a user signed in', {
    connection,
    serverId: holder.serverId,
    userId: holder.userId,
  });
  const isSame = session.identity?.addresses.join() === addresses.join();
  session.identity = identity;
  session.failedAuths = 0;
  if (!isSame) {
    // The addresses as written are watched too: that is how an alias learned later finds this socket.
    router.register(session, addresses);
    session.viewers = undefined;
    session.subscription?.startOver('the addresses of the user are others now');
  }
  return {
    userId: identity.userId,
    connectionId: session.id,
    addresses,
    serverTime: Math.round(databaseNow()),
    expiresAt: identity.expiresAt,
  };
}

async function verify(services: GatewayServices, session: Session, token: string) {
  try {
    return await services.tokens.verify(token);
  } catch (error) {
    if (!(error instanceof TokenRefusedError)) throw error;
    if (error.code === 'token-expired') throw new MethodError('credentialsExpired', error.message);
    session.failedAuths++;
    const limit = services.config().gateway.limits.failedLoginsPerAddress;
    const isBeyond = await services.badTokens.isBeyond(session.socket.peer.address, limit);
    const close = isBeyond ? 'tooManyRequests' : session.failedAuths >= MOST_FAILED_AUTHS ? 'notAuthorized' : undefined;
    throw new MethodError('invalidCredentials', error.message, close);
  }
}
