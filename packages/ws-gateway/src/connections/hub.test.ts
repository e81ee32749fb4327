import { beforeEach, describe, expect, it } from 'vitest';
import { TestSocket } from '../testing/test-socket.ts';
import { Connection, type Identity } from './connection.ts';
import { Hub } from './hub.ts';

const identity = (userId: string, addresses: string[] = [`${userId}@corp.example`]): Identity => ({
  serverId: 'conf.example',
  userId,
  addresses,
  expiresAt: Number.MAX_SAFE_INTEGER,
});

describe('Hub', () => {
  let limits: { sockets: number; socketsPerUser: number };
  let hub: Hub;
  beforeEach(() => {
    limits = { sockets: 3, socketsPerUser: 2 };
    hub = new Hub(() => limits);
  });

  const make = () =>
    new Connection({ id: 'c', socket: new TestSocket(), now: 0, onGone: (connection) => hub.remove(connection) });
  function added(): Connection {
    const connection = make();
    expect(hub.add(connection)).toBe(true);
    return connection;
  }
  const counts = () => ({ sockets: hub.size, users: hub.users, addresses: hub.addresses });
  const nothing = { sockets: 0, users: 0, addresses: 0 };

  it('takes as many connections as it may, and further ones when some have ended', () => {
    const [first] = [added(), added(), added()];
    expect(hub.add(make())).toBe(false);
    first?.close('normal', '');
    expect(hub.add(make())).toBe(true);
    expect(hub.size).toBe(3);
  });

  it('counts connections per user in any case of the name, and one that signs in again only once', () => {
    const [first, second, third] = [added(), added(), added()];
    expect(hub.signIn(first, identity('anna'))).toBe('signedIn');
    expect(hub.signIn(first, identity('anna'))).toBe('signedIn');
    expect(hub.signIn(second, identity('Anna'))).toBe('signedIn');
    expect(hub.signIn(third, identity('anna'))).toBe('tooManySockets');
    expect(third.state.kind).toBe('opened');
    expect(hub.signIn(third, identity('boris'))).toBe('signedIn');
    first.terminate();
    expect(counts()).toMatchObject({ sockets: 2, users: 2 });
  });

  it('lets a connection keep its user when the limit has become lower', () => {
    const [first, second] = [added(), added()];
    for (const one of [first, second]) hub.signIn(one, identity('anna'));
    limits = { sockets: 1, socketsPerUser: 1 };
    expect(hub.signIn(first, identity('anna'))).toBe('signedIn');
  });

  it('refuses another user on a connection, and leaves the first one as it was', () => {
    const connection = added();
    hub.signIn(connection, identity('anna'));
    expect(hub.signIn(connection, identity('boris'))).toBe('otherUser');
    expect(connection.identity?.userId).toBe('anna');
    expect(hub.users).toBe(1);
  });

  it('names the connections that watch an address, and none any more that stopped watching it', () => {
    const [first, second] = [added(), added()];
    hub.signIn(first, identity('anna', ['anna@corp.example']));
    hub.signIn(second, identity('boris', ['boris@corp.example']));
    hub.watch(second, ['boris@corp.example', 'anna@corp.example']);
    expect(new Set(hub.watchers('anna@corp.example'))).toEqual(new Set([first, second]));
    hub.watch(second, ['boris@corp.example']);
    expect([...hub.watchers('anna@corp.example')]).toEqual([first]);
    expect([...hub.watchers('nobody@corp.example')]).toEqual([]);
  });

  it('watches the new addresses alone after a sign-in with others', () => {
    const connection = added();
    hub.signIn(connection, identity('anna', ['anna@corp.example', 'old@corp.example']));
    hub.signIn(connection, identity('anna', ['anna@corp.example']));
    expect([...hub.watchers('old@corp.example')]).toEqual([]);
    expect([...hub.watchers('anna@corp.example')]).toEqual([connection]);
  });

  it('goes on watching what an alias stands for after a sign-in with the same addresses', () => {
    const connection = added();
    hub.signIn(connection, identity('anna'));
    hub.watch(connection, ['anna@corp.example', 'canonical@corp.example']);
    hub.signIn(connection, { ...identity('anna'), expiresAt: 1 });
    expect([...hub.watchers('canonical@corp.example')]).toEqual([connection]);
  });

  it.each([
    ['add', (gone: Connection) => hub.add(gone), false],
    ['signIn', (gone: Connection) => hub.signIn(gone, identity('anna')), 'gone'],
    ['watch', (gone: Connection) => hub.watch(gone, ['anna@corp.example']), undefined],
    ['remove', (gone: Connection) => hub.remove(gone), undefined],
  ])('does nothing at %s of a connection that is gone', (_method, act, result) => {
    const connection = added();
    hub.signIn(connection, identity('anna'));
    connection.ended(1006);
    expect(act(connection)).toBe(result);
    expect(counts()).toEqual(nothing);
  });

  it('files nothing for a connection that is gone and was not taken out yet', () => {
    const connection = new Connection({ id: 'c', socket: new TestSocket(), now: 0, onGone: () => undefined });
    hub.add(connection);
    connection.ended(1006);
    expect(hub.signIn(connection, identity('anna'))).toBe('gone');
    hub.watch(connection, ['anna@corp.example']);
    expect(counts()).toEqual({ sockets: 1, users: 0, addresses: 0 });
    hub.remove(connection);
    expect(counts()).toEqual(nothing);
  });

  it('signs no user in on a connection that it refused', () => {
    limits = { sockets: 0, socketsPerUser: 1 };
    const connection = make();
    expect(hub.add(connection)).toBe(false);
    expect(hub.signIn(connection, identity('anna'))).toBe('gone');
    expect(counts()).toEqual(nothing);
  });

  it('can be gone through while connections end', () => {
    const connections = [added(), added(), added()];
    for (const connection of hub) connection.terminate();
    expect(connections.every(({ isGone }) => isGone)).toBe(true);
    expect(counts()).toEqual(nothing);
  });
});
