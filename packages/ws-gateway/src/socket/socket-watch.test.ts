import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerSocket } from '../transport/transport.ts';
import { Session } from './session.ts';
import { watchSession } from './socket-watch.ts';
import { Subscription } from './subscription.ts';

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

describe('watchSession', () => {
  let log: string[];
  let session: Session;
  beforeEach(() => {
    log = [];
    const socket: PeerSocket = {
      peer: { address: '127.0.0.1', secure: true },
      closed: false,
      send: () => 'sent',
      ping: () => log.push('ping'),
      end: (code) => log.push(`end ${code}`),
      terminate: () => log.push('terminate'),
    };
    session = new Session('s', socket, 0);
  });
  const watch = (seconds: number, database = 0) => watchSession(session, limits, { steady: seconds * 1_000, database });
  const signIn = () => {
    session.identity = { serverId: 's', userId: 'anna@s', addresses: [], expiresAt: 500_000 };
  };

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
      session.heardAt = second * 1_000;
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
    for (let id = 1; id <= 8; id++) session.window.sent(id, 10, 1_000);
    session.heardAt = 31_000;
    watch(30.9);
    expect(log).toEqual([]);
    watch(31);
    expect(log).toEqual(['end 4409']);
  });

  it('has a quiet subscriber told a position every minute', () => {
    signIn();
    session.subscription = new Subscription({ from: 0, to: 1 }, 0);
    session.heardAt = 59_000;
    expect(watch(59)).toBe(false);
    expect(watch(60)).toBe(true);
    expect(session.subscription.hasNews).toBe(true);
  });
});
