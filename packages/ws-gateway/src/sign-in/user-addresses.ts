import type { Queryable } from 'calendar-db/database';
import { readAliases } from 'calendar-db/directory';
import { addressDomain, canonicalAddress, isSmtpAddress } from 'calendar-model';
import { canonicalTrueConfId, type TrueConfUser } from 'trueconf-client';
import type { SignInServer } from './server-set.ts';

/** The person of one server, for comparing. */
interface Claimant {
  readonly serverId: string;
  /** Short and in lower case. */
  readonly id: string;
}

/**
 * The mailbox addresses for which a user may stand: those mapped to him, and his profile's own, each only within the
 * domains that his server may vouch for. An address, or another spelling of the same mailbox, that somebody else claims
 * too is left out.
 *
 * @param servers all servers that may be signed in through
 * @throws TrueConfError when a server that has to be asked does not answer
 */
export async function userAddresses(
  db: Queryable,
  servers: readonly SignInServer[],
  server: SignInServer,
  user: TrueConfUser,
): Promise<string[]> {
  const claimant = { serverId: server.config.serverId, id: canonicalTrueConfId(user.id, server.config.serverId) };
  const mapped = mappedAddresses(servers, claimant).filter((address) => isVouchedFor(server, address));
  const own = canonicalAddress(user.email ?? '');
  const isOwn =
    isSmtpAddress(own) &&
    !mapped.includes(own) &&
    isVouchedFor(server, own) &&
    (await isClaimedByNobodyElse(db, servers, claimant, own));
  return isOwn ? [...mapped, own] : mapped;
}

/**
 * Leaves of a token's addresses those that its holder may still stand for by the config of now: the map may have given
 * one to somebody else since.
 */
export function stillAllowed(
  servers: readonly SignInServer[],
  server: SignInServer,
  userId: string,
  addresses: readonly string[],
): string[] {
  const claimant = { serverId: server.config.serverId, id: canonicalTrueConfId(userId, server.config.serverId) };
  return addresses.filter((address) => {
    const holders = mapHolders(servers, address);
    return isVouchedFor(server, address) && (holders.length === 0 || isOnly(holders, claimant));
  });
}

function mappedAddresses(servers: readonly SignInServer[], claimant: Claimant): string[] {
  const all = new Set(servers.flatMap(({ config }) => Object.keys(config.users)));
  return [...all].filter((address) => isOnly(mapHolders(servers, address), claimant));
}

/** To whom the config maps an address. */
function mapHolders(servers: readonly SignInServer[], address: string): Claimant[] {
  return servers.flatMap(({ config }) => {
    const id = config.users[address];
    return id === undefined ? [] : [{ serverId: config.serverId, id: canonicalTrueConfId(id, config.serverId) }];
  });
}

async function isClaimedByNobodyElse(
  db: Queryable,
  servers: readonly SignInServer[],
  claimant: Claimant,
  address: string,
): Promise<boolean> {
  for (const spelling of await readAliases(db, [address])) {
    const holders = mapHolders(servers, spelling);
    if (holders.length > 0 && !isOnly(holders, claimant)) return false;
    for (const { config, users } of servers) {
      if (!config.addressDomains.includes(addressDomain(spelling))) continue;
      const found = (await users.findUsersByEmail(spelling))
        .filter((user) => user.isActive)
        .map((user) => ({ serverId: config.serverId, id: canonicalTrueConfId(user.id, config.serverId) }));
      if (found.length > 0 && !isOnly(found, claimant)) return false;
    }
  }
  return true;
}

function isOnly(holders: readonly Claimant[], { serverId, id }: Claimant): boolean {
  return holders.length > 0 && holders.every((holder) => holder.serverId === serverId && holder.id === id);
}

function isVouchedFor({ config }: SignInServer, address: string): boolean {
  return config.addressDomains.includes(addressDomain(address));
}
