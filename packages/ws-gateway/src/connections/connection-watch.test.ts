import { beforeEach, describe, expect, it } from 'vitest';
import { TestSocket } from '../testing/test-socket.ts';
import { Connection } from './connection.ts';
import { watchConnection } from './connection-watch.ts';

const limits = {
  frameBytes: 65_536,
  requestsPerSecond: 10,
  requestBurst: 50,
  socketsPerUser: 20,
  sockets: 1_000,
  failedLoginsPerUser: 3,
  failedLoginsPerAddress: 100,
  authSeconds: 10,
  idleSeconds: 60,
  pingSeconds: 25,
  rangeMonths: 13,
  pageEvents: 500,
  dirtyEvents: 10_000,
};

describe('watchConnection', () => {
  let log: string[];
  let connection: Connection;
  beforeEach(() => {
    const socket = new TestSocket();
    log = socket.log;
    connection = new Connection({ id: 'c', socket, now: 0, onGone: () => undefined });
  });
  const watch = (seconds: number, database = 0) =>
    watchConnection(connection, limits, { steady: seconds * 1_000, database });
  const signIn = () => connection.signIn({ serverId: 's', userId: 'anna@s', addresses: [], expiresAt: 500_000 });

  it('closes a socket on which nobody signs in', () => {
    watch(9);
    expect(log).toEqual([]);
    watch(10);
    expect(log).toEqual(['end 4408']);
  });

  it('pings a silent peer and gives it up when it stays silent', () => {
    signIn();
    for (let second = 1; second <= 60; second++) watch(second);
    expect(log).toEqual(['ping', 'ping', 'terminate']);
  });

  it('leaves a peer alone that is heard', () => {
    signIn();
    for (let second = 1; second <= 120; second++) {
      connection.heard(second * 1_000);
      watch(second);
    }
    expect(log).toEqual([]);
  });

  it('closes a socket whose token has expired by the database’s clock', () => {
    signIn();
    watch(1, 499_999);
    expect(log).toEqual([]);
    watch(1, 500_000);
    expect(log).toEqual(['end 4401']);
  });

  it('closes a client that leaves a full window unacknowledged for 30 s', () => {
    signIn();
    for (let id = 1; id <= 8; id++) connection.window.sent(id, 10, 1_000);
    connection.heard(31_000);
    watch(30.9);
    expect(log).toEqual([]);
    watch(31);
    expect(log).toEqual(['end 4409']);
  });

  it('has a quiet subscriber told a position every minute', () => {
    signIn();
    const subscription = connection.subscribe({ from: 0, to: 1 }, 0);
    subscription.release();
    connection.heard(59_000);
    expect(watch(59)).toBe(false);
    expect(watch(60)).toBe(true);
    expect(subscription.hasNews).toBe(true);
  });
});
