import { beforeEach, describe, expect, it } from 'vitest';
import { TestSocket } from '../testing/test-socket.ts';
import { Connection, ConnectionGoneError, type ConnectionState, NotSignedInError } from './connection.ts';

const identity = { serverId: 'conf.example', userId: 'anna', addresses: ['anna@corp.example'], expiresAt: 1_000 };
const range = { from: 0, to: 10 };

describe('Connection', () => {
  let socket: TestSocket;
  let ends: number[];
  let connection: Connection;
  beforeEach(() => {
    socket = new TestSocket();
    ends = [];
    connection = new Connection({ id: 'c', socket, now: 0, onGone: (_one, code) => ends.push(code) });
  });

  type Kind = ConnectionState['kind'];
  const ways: Record<Kind, () => void> = {
    opened: () => undefined,
    signedIn: () => {
      connection.signIn(identity);
    },
    subscribed: () => {
      connection.signIn(identity);
      connection.subscribe(range, 0);
    },
    gone: () => {
      connection.signIn(identity);
      connection.subscribe(range, 0);
      connection.ended(1006);
    },
  };
  const acts = {
    signIn: () => connection.signIn(identity),
    subscribe: () => connection.subscribe(range, 0),
    unsubscribe: () => connection.unsubscribe(),
    startOver: () => connection.startOver('reason'),
    close: () => connection.close('normal', ''),
    terminate: () => connection.terminate(),
    ended: () => connection.ended(1006),
  };
  type Act = keyof typeof acts;
  /** What each act leads to in each state. */
  const table: Record<Kind, Record<Act, Kind | typeof ConnectionGoneError | typeof NotSignedInError>> = {
    opened: {
      signIn: 'signedIn',
      subscribe: NotSignedInError,
      unsubscribe: 'opened',
      startOver: 'opened',
      close: 'gone',
      terminate: 'gone',
      ended: 'gone',
    },
    signedIn: {
      signIn: 'signedIn',
      subscribe: 'subscribed',
      unsubscribe: 'signedIn',
      startOver: 'signedIn',
      close: 'gone',
      terminate: 'gone',
      ended: 'gone',
    },
    subscribed: {
      signIn: 'subscribed',
      subscribe: 'subscribed',
      unsubscribe: 'signedIn',
      startOver: 'subscribed',
      close: 'gone',
      terminate: 'gone',
      ended: 'gone',
    },
    gone: {
      signIn: 'gone',
      subscribe: ConnectionGoneError,
      unsubscribe: 'gone',
      startOver: 'gone',
      close: 'gone',
      terminate: 'gone',
      ended: 'gone',
    },
  };
  const cases = Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row).map(([act, result]) => ({ from: from as Kind, act: act as Act, result })),
  );

  it.each(cases)('is led by $act from $from to what the table says', ({ from, act, result }) => {
    ways[from]();
    expect(connection.state.kind).toBe(from);
    if (typeof result === 'string') {
      acts[act]();
      expect(connection.state.kind).toBe(result);
    } else {
      expect(acts[act]).toThrow(result);
      expect(connection.state.kind).toBe(from);
    }
    expect(ends).toHaveLength(connection.isGone ? 1 : 0);
  });

  it('sends nothing once it is gone', () => {
    ways.gone();
    connection.push('updateEvents', '{}', 0);
    connection.respond(1, {});
    connection.ping(0);
    expect(socket.log).toEqual([]);
    expect([connection.identity, connection.subscription, connection.viewers]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is gone already when the socket calls back while it is closed, and reports its end once, with the first code', () => {
    const seen: Kind[] = [];
    socket.onEnd = () => {
      seen.push(connection.state.kind);
      connection.ended(1006);
    };
    connection.close('tooManySockets', '');
    expect(seen).toEqual(['gone']);
    expect(ends).toEqual([4413]);
    expect(socket.log).toEqual(['end 4413']);
  });

  it('is gone already when its end is reported', () => {
    const seen: Kind[] = [];
    const onGone = (one: Connection) => seen.push(one.state.kind);
    new Connection({ id: 'c', socket, now: 0, onGone }).close('normal', '');
    expect(seen).toEqual(['gone']);
  });

  it('closes when its socket takes too little', () => {
    connection.signIn(identity);
    socket.takes = 'dropped';
    connection.push('updateEvents', '{}', 0);
    expect(ends).toEqual([4409]);
  });

  it('asks again who its people are, and has its subscriber start over, when the addresses are others', () => {
    ways.subscribed();
    connection.settleViewers(connection.signedIn().viewers, ['anna@corp.example']);
    connection.signIn({ ...identity, expiresAt: 2_000 });
    expect(connection.viewers).toEqual(['anna@corp.example']);
    expect(connection.subscription?.resync).toBeUndefined();
    connection.signIn({ ...identity, addresses: [] });
    expect(connection.viewers).toBeUndefined();
    expect(connection.subscription?.resync).toBeTypeOf('string');
  });

  it('does not take an answer about its people whose question has changed since', () => {
    ways.signedIn();
    const { viewers: asked } = connection.signedIn();
    connection.startOver('an alias was learned');
    expect(connection.settleViewers(asked, ['old@corp.example'])).toBe(false);
    expect(connection.viewers).toBeUndefined();
    expect(connection.settleViewers(connection.signedIn().viewers, ['new@corp.example'])).toBe(true);
    expect(connection.viewers).toEqual(['new@corp.example']);
  });
});
