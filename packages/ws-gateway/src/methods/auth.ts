import type { MethodPayload, MethodReply } from 'gateway-protocol';
import { type Connection, ConnectionGoneError, type Identity } from '../connections/connection.ts';
import { TokenRefusedError } from '../sign-in/access-tokens.ts';
import { stillAllowed } from '../sign-in/user-addresses.ts';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';

const MOST_FAILED_AUTHS = 3;

/** Signs a connection in, or again with a fresher token of the same user. */
export async function auth(
  services: MethodServices,
  connection: Connection,
  payload: MethodPayload<'auth'>,
): Promise<MethodReply<'auth'>> {
  const { config, servers, log, databaseNow } = services;
  if (payload.tokenType !== 'JWT' || !config().gateway.auth.includes('token')) {
    throw new MethodError('unsupportedCredentials', `a token of type ${payload.tokenType} is not accepted here`);
  }
  const holder = await verify(services, connection, payload.token);
  const { serverId, userId } = holder;
  const server = servers.current.byId(serverId);
  if (server === undefined) {
    const description = 'the TrueConf Server of this user may not use the connector';
    throw new MethodError('accessDenied', description, 'notWhitelisted');
  }
  const identity = { ...holder, addresses: stillAllowed(servers.current.all, server, userId, holder.addresses) };
  signIn(services, connection, identity);
  log.debug('gateway.signed-in', 'a user signed in', { connection: connection.id, serverId, userId });
  return {
    userId,
    connectionId: connection.id,
    addresses: identity.addresses,
    serverTime: Math.round(databaseNow()),
    expiresAt: identity.expiresAt,
  };
}

function signIn({ hub }: MethodServices, connection: Connection, identity: Identity): void {
  const verdict = hub.signIn(connection, identity);
  if (verdict === 'gone') throw new ConnectionGoneError();
  if (verdict === 'otherUser') {
    throw new MethodError('accessDenied', 'another user is signed in here; open another connection');
  }
  if (verdict === 'tooManySockets') {
    throw new MethodError('limitExceeded', 'this user has too many open sockets', 'tooManySockets');
  }
}

async function verify({ tokens, badTokens, config }: MethodServices, connection: Connection, token: string) {
  try {
    return await tokens.verify(token);
  } catch (error) {
    if (!(error instanceof TokenRefusedError)) throw error;
    if (error.code === 'token-expired') throw new MethodError('credentialsExpired', error.message);
    const failed = connection.countFailedAuth();
    const limit = config().gateway.limits.failedLoginsPerAddress;
    const isBeyond = await badTokens.isBeyond(connection.socket.peer.address, limit);
    const close = isBeyond ? 'tooManyRequests' : failed >= MOST_FAILED_AUTHS ? 'notAuthorized' : undefined;
    throw new MethodError('invalidCredentials', error.message, close);
  }
}
