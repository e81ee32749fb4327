import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSocket, fakeSockets, ManualClock } from '../testing/fake-gateway.ts';
import { sampleEvent, sampleId } from '../testing/sample-event.ts';
import { CalendarClient } from './calendar-client.ts';
import type { CalendarChange, CalendarClientOptions } from './calendar-client-options.ts';

const A = sampleId(1);
const B = sampleId(2);
const range = { from: 0, to: 1 };
const soon = (condition: () => void) => vi.waitFor(condition, { interval: 1 });

describe('CalendarClient', () => {
  let clock: ManualClock;
  let gateway: ReturnType<typeof fakeSockets>;
  let tokens: number;
  beforeEach(() => {
    clock = new ManualClock();
    gateway = fakeSockets();
    tokens = 0;
  });

  const clientOptions = () => ({
    url: 'ws://127.0.0.1/websocket/calendar',
    getToken: () => `token ${++tokens}`,
    range: () => range,
    WebSocket: gateway.WebSocket,
    clock,
    random: () => 0,
  });

  function createClient(options: Partial<CalendarClientOptions> = {}) {
    const client = new CalendarClient({ ...clientOptions(), ...options });
    const changes: CalendarChange[] = [];
    const problems: Error[] = [];
    client.on('change', (change) => changes.push(change));
    client.on('problem', (problem) => problems.push(problem));
    return { client, changes, problems };
  }

  /** The newest socket, once there are so many. */
  async function socket(count: number): Promise<FakeSocket> {
    await soon(() => expect(gateway.sockets).toHaveLength(count));
    return gateway.sockets.at(-1) ?? new FakeSocket();
  }

  async function signIn(peer: FakeSocket): Promise<void> {
    peer.open();
    await soon(() => expect(peer.requests('auth')).toHaveLength(1));
    peer.answer('auth', {
      userId: 'anna@server',
      connectionId: 'c-1',
      addresses: ['anna@corp.example'],
      serverTime: clock.now(),
      expiresAt: clock.now() + 3_600_000,
    });
    await soon(() => expect(peer.requests('subscribeEvents')).toHaveLength(1));
  }

  async function goLive(client: CalendarClient, peer: FakeSocket, events: object[], position: string): Promise<void> {
    await signIn(peer);
    peer.answer('subscribeEvents', { recovered: false, events, position, coveredFrom: null, coveredTo: null });
    await soon(() => expect(client.state).toBe('live'));
  }

  it('signs in, takes the snapshot and applies and acknowledges pushes', async () => {
    const { client, changes } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [sampleEvent(A)], 'e:1');
    expect(peer.requests('auth')).toEqual([{ token: 'token 1', tokenType: 'JWT' }]);
    expect(peer.requests('subscribeEvents')).toEqual([range]);

    const id = peer.push('updateEvents', { upserted: [sampleEvent(B, { version: 2 })], removed: [A], position: 'e:2' });
    expect(peer.acknowledged()).toEqual([id]);
    expect([...client.events.keys()]).toEqual([B]);
    expect(client.position).toBe('e:2');
    expect(changes.at(-1)).toMatchObject({ removed: [A], position: 'e:2', receivedAt: clock.now() });
  });

  it('continues from its position after a loss', async () => {
    const { client } = createClient();
    client.start();
    await goLive(client, await socket(1), [sampleEvent(A)], 'e:1');
    gateway.sockets[0]?.drop(1006);
    expect(client.state).toBe('waiting');
    clock.advance(999);
    expect(client.state).toBe('waiting');
    clock.advance(1);
    const peer = await socket(2);
    await signIn(peer);
    expect(peer.requests('subscribeEvents')).toEqual([{ ...range, position: 'e:1' }]);
    peer.answer('subscribeEvents', { recovered: true, upserted: [sampleEvent(B)], removed: [A], position: 'e:5' });
    await soon(() => expect(client.position).toBe('e:5'));
    expect([...client.events.keys()]).toEqual([B]);
  });

  it('keeps events that a snapshot in parts has not named yet until its last part', async () => {
    const { client, changes } = createClient({ events: [sampleEvent(A), sampleEvent(B)] });
    client.start();
    const peer = await socket(1);
    await signIn(peer);
    peer.answer('subscribeEvents', { recovered: false, events: [sampleEvent(B)], coveredFrom: null, coveredTo: null });
    await soon(() => expect(client.state).toBe('live'));
    expect(client.events.has(A)).toBe(true);
    expect(client.position).toBeUndefined();
    peer.push('updateEvents', { upserted: [sampleEvent(sampleId(3))], removed: [], position: 'e:9' });
    expect([...client.events.keys()].sort()).toEqual([B, sampleId(3)]);
    expect(changes.at(-1)?.removed).toEqual([A]);
  });

  it('keeps what pushes bring that arrive in one piece with the first part of a snapshot', async () => {
    const { client } = createClient();
    client.start();
    const peer = await socket(1);
    await signIn(peer);
    const [C, D] = [sampleId(3), sampleId(4)];
    // Frames that are read from the network at once are handed over at once, with nothing in between.
    peer.answer('subscribeEvents', { recovered: false, events: [sampleEvent(A)], coveredFrom: null, coveredTo: null });
    peer.push('updateEvents', { upserted: [sampleEvent(B), sampleEvent(C)], removed: [] });
    await soon(() => expect(client.state).toBe('live'));
    peer.push('updateEvents', { upserted: [sampleEvent(D)], removed: [], position: 'e:9' });
    expect([...client.events.keys()].sort()).toEqual([A, B, C, D].sort());
  });

  it('asks for a snapshot when the loss came in the middle of one', async () => {
    const { client } = createClient({ events: [sampleEvent(A)], position: 'e:1' });
    client.start();
    const peer = await socket(1);
    await signIn(peer);
    peer.answer('subscribeEvents', { recovered: false, events: [], coveredFrom: null, coveredTo: null });
    await soon(() => expect(client.state).toBe('live'));
    peer.drop(1006);
    clock.advance(1_000);
    const next = await socket(2);
    await signIn(next);
    expect(next.requests('subscribeEvents')).toEqual([range]);
  });

  it('does not let an older state of an event replace a newer one', async () => {
    const { client } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [sampleEvent(A, { version: 5, title: 'new' })], 'e:5');
    peer.push('updateEvents', { upserted: [sampleEvent(A, { version: 4, title: 'old' })], removed: [] });
    expect(client.events.get(A)).toMatchObject({ title: 'new' });
  });

  it('subscribes without position after resyncEvents and after its range changed', async () => {
    let shown = range;
    const { client } = createClient({ range: () => shown });
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [sampleEvent(A)], 'e:1');
    peer.push('resyncEvents', { reason: 'viewer' });
    expect(client.state).toBe('subscribing');
    peer.answer('subscribeEvents', {
      recovered: false,
      events: [],
      position: 'e:2',
      coveredFrom: null,
      coveredTo: null,
    });
    await soon(() => expect(client.state).toBe('live'));
    expect(client.events.size).toBe(0);

    shown = { from: 1, to: 2 };
    client.rangeChanged();
    expect(peer.requests('subscribeEvents')).toEqual([range, range, { from: 1, to: 2 }]);
  });

  it('doubles the delay up to a minute and starts over after it was live', async () => {
    const { client } = createClient();
    client.start();
    for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      (await socket(index + 1)).drop(1006);
      clock.advance(seconds * 1_000 - 1);
      expect(client.state).toBe('waiting');
      clock.advance(1);
    }
    const peer = await socket(9);
    await goLive(client, peer, [], 'e:1');
    peer.drop(1001);
    clock.advance(1_000);
    await socket(10);
  });

  it('waits as long as the gateway asked before it closed', async () => {
    const { client } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [], 'e:1');
    peer.push('closing', { reason: 'restart', reconnect: true, retryAfterMs: 5_000 });
    peer.drop(1001);
    clock.advance(4_999);
    expect(client.state).toBe('waiting');
    clock.advance(1);
    await socket(2);
  });

  it('fetches a new token after 4401 and stops after three refusals in a row', async () => {
    const { client, problems } = createClient();
    client.start();
    for (let attempt = 1; attempt <= 3; attempt++) {
      const peer = await socket(attempt);
      peer.open();
      await soon(() => expect(peer.requests('auth')).toEqual([{ token: `token ${attempt}`, tokenType: 'JWT' }]));
      peer.answer('auth', { errorCode: 201, errorDescription: 'no' });
      await soon(() => expect(problems).toHaveLength(attempt));
      clock.advance(60_000);
    }
    expect(client.state).toBe('stopped');
    expect(problems.at(-1)).toMatchObject({ code: 'gateway-refusal', errorCode: 201 });
  });

  it('does not come back when its server is not whitelisted', async () => {
    const { client } = createClient();
    client.start();
    (await socket(1)).drop(4403);
    expect(client.state).toBe('stopped');
    client.start();
    await socket(2);
  });

  it('tries again when no token could be had', async () => {
    let fails = true;
    const { client, problems } = createClient({
      getToken: async () => {
        if (fails) throw new Error('token endpoint is down');
        return 'token';
      },
    });
    client.start();
    await soon(() => expect(client.state).toBe('waiting'));
    expect(problems).toHaveLength(1);
    fails = false;
    clock.advance(1_000);
    await socket(1);
  });

  it('renews its sign-in on the living socket before the token expires', async () => {
    const { client } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [], 'e:1');
    peer.push('updateEvents', { upserted: [], removed: [], position: 'e:1' });
    for (let minute = 0; minute < 54; minute++) {
      clock.advance(60_000);
      peer.push('updateEvents', { upserted: [], removed: [], position: 'e:1' });
    }
    await soon(() => expect(peer.requests('auth')).toHaveLength(2));
    expect(peer.requests('auth')[1]).toMatchObject({ token: 'token 2' });
    expect(gateway.sockets).toHaveLength(1);
  });

  it('gives up a connection on which nothing is heard', async () => {
    const { client, problems } = createClient();
    client.start();
    await goLive(client, await socket(1), [], 'e:1');
    clock.advance(150_000);
    expect(client.state).toBe('waiting');
    expect(problems.at(-1)).toMatchObject({ code: 'connection-lost' });
  });

  it('waits for the next attempt when the platform’s own WebSocket finds nobody listening', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { WebSocket: _, ...options } = clientOptions();
    const client = new CalendarClient({ ...options, url: `ws://127.0.0.1:${port}/` });
    client.start();
    await vi.waitFor(() => expect(client.state).toBe('waiting'));
    client.stop();
  });

  it('gives up a connection that sends what is no frame, and acknowledges pushes that it does not know', async () => {
    const { client, problems } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [], 'e:1');
    const id = peer.push('somethingNew', {});
    expect(peer.acknowledged()).toEqual([id]);
    peer.receive('<html>');
    expect(client.state).toBe('waiting');
    expect(problems.at(-1)).toMatchObject({ code: 'unexpected-frame' });
  });

  it('is quiet after stop', async () => {
    const { client, problems } = createClient();
    client.start();
    const peer = await socket(1);
    await goLive(client, peer, [], 'e:1');
    client.stop();
    peer.drop(1000);
    clock.advance(600_000);
    expect(client.state).toBe('stopped');
    expect(gateway.sockets).toHaveLength(1);
    expect(problems).toEqual([]);
  });
});
