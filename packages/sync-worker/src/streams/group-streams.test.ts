import { EwsTimeoutError } from 'ews-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamAccount } from '../accounts/stream-account.ts';
import type { WatchedMailbox, WatchListener, WatchTrouble } from '../engine/calendar-watch.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import type { FakeStream } from '../testing/fake-stream.ts';
import { ewsError } from '../testing/sample-ews-items.ts';
import { GroupStreams } from './group-streams.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000, interval: 10 });

const [anna, boris, clara] = ['anna@corp.example', 'boris@corp.example', 'clara@corp.example'] as const;

/** What a listener was told, in order. */
class Told implements WatchListener {
  readonly all: string[] = [];
  readonly troubles: WatchTrouble[] = [];

  watching(mailboxes: readonly string[]): void {
    this.all.push(`watching ${mailboxes.map(nameOf).join(' ')}`);
  }
  changed(mailbox: string): void {
    this.all.push(`changed ${nameOf(mailbox)}`);
  }
  ended(reason: string): void {
    this.all.push(`ended ${reason}`);
  }
  left(mailboxes: readonly string[]): void {
    this.all.push(`left ${mailboxes.map(nameOf).join(' ')}`);
  }
  lost(mailboxes: readonly string[], trouble: WatchTrouble): void {
    this.troubles.push(trouble);
    this.all.push(`lost ${mailboxes.map(nameOf).join(' ')} ${trouble.reason}`);
  }
  refused(mailbox: string, trouble: WatchTrouble): void {
    this.troubles.push(trouble);
    this.all.push(`refused ${nameOf(mailbox)} ${trouble.reason}`);
  }
}

const nameOf = (mailbox: string) => mailbox.replace(/@.*/u, '');

let reader: FakeReader;
let told: Told;
let members: WatchedMailbox[];
let lent: number;
let mostLent: number;
let stopper: AbortController;
let ended: Promise<void>;
beforeEach(() => {
  reader = new FakeReader();
  told = new Told();
  members = [anna, boris, clara].map((address) => ({ address, joining: true }));
  [lent, mostLent] = [0, 10];
  stopper = new AbortController();
  ended = Promise.resolve();
});
afterEach(async () => {
  stopper.abort();
  await ended;
});

function lend(): StreamAccount | null {
  if (lent >= mostLent) return null;
  lent++;
  const call: StreamAccount['call'] = (_mailbox, _signal, work) => work(reader);
  return { login: 'svc', isLent: true, call, callAtOnce: call, giveBack: () => void lent-- };
}

function begin(): void {
  const settings = { silenceMs: 60_000, connectionMinutes: 29 };
  const request = { group: 'exchange/1', mailboxes: () => members };
  const streams = new GroupStreams(request, told, { lend, settings, reviewMs: 20, regroupMs: 0 });
  ended = streams.run(stopper.signal);
}

/** Begins and waits for the first stream. */
async function beginOpen(): Promise<FakeStream> {
  begin();
  await poll(() => told.all.at(-1)).toMatch(/^watching/u);
  return newest();
}

function newest(): FakeStream {
  const stream = reader.streams.at(-1);
  if (stream === undefined) throw new Error('no stream was opened');
  return stream;
}

function idOf(mailbox: string): string {
  const found = [...reader.subscriptions].findLast(([, owner]) => owner === mailbox);
  if (found === undefined) throw new Error(`${mailbox} has no subscription`);
  return found[0];
}

/** Makes the server refuse some calls. */
function refuse(isMeant: (mailbox: string, operation: string) => boolean, error: Error): void {
  reader.before = (mailbox, operation) => {
    if (isMeant(mailbox, operation)) throw error;
  };
}

describe('GroupStreams', () => {
  it('subscribes the first mailbox as the anchor and the others to its machine, and opens one stream', async () => {
    const stream = await beginOpen();
    expect(reader.affinities).toEqual([
      { mailbox: anna, affinity: { anchor: anna, cookie: null } },
      { mailbox: boris, affinity: { anchor: anna, cookie: 'mbx1~cookie' } },
      { mailbox: clara, affinity: { anchor: anna, cookie: 'mbx1~cookie' } },
    ]);
    expect(stream.affinity).toEqual({ anchor: anna, cookie: 'mbx1~cookie' });
    expect(stream.subscriptionIds).toHaveLength(3);
    expect(told.all).toEqual(['watching anna boris clara']);
  });

  it('tells what happens to whom', async () => {
    const stream = await beginOpen();
    stream.change(idOf(boris));
    stream.push({ kind: 'alive' });
    stream.change(idOf(anna));
    stream.change('an unknown one');
    await poll(() => told.all).toEqual(['watching anna boris clara', 'changed boris', 'changed anna']);
  });

  it('trap 6: has all mailboxes synchronized after the connection that follows a closed one', async () => {
    const first = await beginOpen();
    first.push({ kind: 'closed' });
    await poll(() => told.all).toEqual(['watching anna boris clara', 'ended closed', 'watching anna boris clara']);
    expect(newest().subscriptionIds).toEqual(first.subscriptionIds);
    expect(first.ended).toBe(true);
    expect(reader.affinities).toHaveLength(3);
  });

  it('does not let streams that were opened together end together', async () => {
    const minutes = new Set<number>();
    for (let lane = 0; lane < 12; lane++) {
      minutes.add((await beginOpen()).connectionMinutes);
      newest().push({ kind: 'closed' });
      await poll(() => reader.streams.length).toBe(2);
      // From then on as long as configured.
      expect(newest().connectionMinutes).toBe(29);
      stopper.abort();
      await ended;
      stopper = new AbortController();
      reader = new FakeReader();
      told = new Told();
    }
    expect(minutes.size).toBeGreaterThan(3);
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...minutes)).toBeLessThanOrEqual(29);
  });

  it('trap 4: gives mailboxes back to their polls when a stream falls silent, and opens another one', async () => {
    const stream = await beginOpen();
    const place = { host: 'h', mailbox: anna, operation: 'GetStreamingEvents' };
    stream.fail(new EwsTimeoutError('silent', place, { errorClass: 'transient', scope: 'mailbox' }));
    await poll(() => told.all).toEqual([
      'watching anna boris clara',
      'ended silence',
      'lost anna boris clara silence',
      'watching anna boris clara',
    ]);
    expect(newest().subscriptionIds).toEqual(stream.subscriptionIds);
  });

  it('makes the subscriptions anew that the server no longer knows, and keeps the others', async () => {
    const first = await beginOpen();
    const error = ewsError('ErrorSubscriptionNotFound', 'resubscribe');
    const [lost, kept] = [idOf(boris), idOf(clara)];
    first.push({ kind: 'refused', subscriptionIds: [lost], error });
    await poll(() => told.all.slice(1)).toEqual([
      ...['ended subscriptions-lost', 'left boris', 'watching anna clara boris'],
    ]);
    expect(newest().subscriptionIds).toContain(kept);
    expect(newest().subscriptionIds).not.toContain(lost);
    expect(reader.affinities.at(-1)).toEqual({ mailbox: boris, affinity: first.affinity });
  });

  it('gives a mailbox back to its polls whose subscription was lost and cannot be made anew', async () => {
    const first = await beginOpen();
    refuse((_, operation) => operation === 'Subscribe', ewsError('ErrorExceededSubscriptionCount', 'unknown'));
    const error = ewsError('ErrorSubscriptionNotFound', 'resubscribe');
    first.push({ kind: 'refused', subscriptionIds: [idOf(boris)], error });
    await poll(() => told.all.slice(1)).toEqual([
      'ended subscriptions-lost',
      'left boris',
      'refused boris limit',
      'watching anna clara',
    ]);
  });

  it('gives mailboxes back to their polls that are in a back-off while their anchor leaves', async () => {
    await beginOpen();
    members = [
      { address: boris, joining: true },
      { address: clara, joining: false },
    ];
    await poll(() => told.all.slice(1)).toEqual(['ended regrouped', 'left anna clara', 'watching boris']);
  });

  it('begins anew where the anchor is now when its subscription is lost', async () => {
    const first = await beginOpen();
    reader.backEndOf = () => 'mbx2';
    const error = ewsError('ErrorSubscriptionNotFound', 'resubscribe');
    first.push({ kind: 'refused', subscriptionIds: [idOf(anna)], error });
    await poll(() => told.all.slice(1)).toEqual([
      'ended subscriptions-lost',
      'lost anna boris clara subscriptions-lost',
      'watching anna boris clara',
    ]);
    expect(newest().affinity).toEqual({ anchor: anna, cookie: 'mbx2~cookie' });
    expect(newest().subscriptionIds.filter((id) => first.subscriptionIds.includes(id))).toEqual([]);
  });

  it('opens a stream of their own for mailboxes that the anchor’s machine does not serve', async () => {
    const elsewhere = ewsError('ErrorProxyRequestNotAllowed', 'moving');
    const real = reader.subscribe.bind(reader);
    reader.subscribe = async (mailbox, affinity) => {
      if ((mailbox === anna) !== (affinity.anchor === anna)) throw elsewhere;
      return real(mailbox, affinity);
    };
    begin();
    await poll(() => told.all.toSorted()).toEqual(['watching anna', 'watching boris clara']);
    expect(reader.streams.map(({ affinity }) => affinity.anchor)).toEqual([anna, boris]);
    reader.streams[1]?.change(idOf(clara));
    await poll(() => told.all.at(-1)).toBe('changed clara');
  });

  it('trap 16: leaves a mailbox that has too many subscriptions to its polls', async () => {
    const many = ewsError('ErrorExceededSubscriptionCount', 'unknown');
    refuse((mailbox, operation) => mailbox === anna && operation === 'Subscribe', many);
    begin();
    await poll(() => told.all).toEqual(['refused anna limit', 'watching boris clara']);
    expect(newest().affinity.anchor).toBe(boris);
    expect(told.troubles[0]?.retryMs).toBeGreaterThan(60_000);
  });

  it('trap 16: leaves the group to its polls when the account has too many streams, and gives back what it holds', async () => {
    const streamEvents = reader.streamEvents.bind(reader);
    reader.streamEvents = (affinity, request, signal) => {
      const stream = streamEvents(affinity, request, signal);
      const code = 'ErrorExceededConnectionCount';
      stream.refuse(ewsError(code, 'throttle', { scope: 'account' }));
      return stream;
    };
    begin();
    await poll(() => told.all).toEqual(['lost  limit']);
    await poll(() => lent).toBe(0);
    expect(reader.subscriptions.size).toBe(0);
    expect(told.troubles[0]).toMatchObject({ byLimit: true });
  });

  it('asks a server that does not know streams for one mailbox only, and long after that again', async () => {
    refuse((_, operation) => operation === 'Subscribe', ewsError('ErrorInvalidRequest', 'config'));
    begin();
    await poll(() => told.all).toEqual(['lost  refused']);
    expect(reader.calls).toBe(1);
    expect(told.troubles[0]?.retryMs).toBeGreaterThan(600_000);
  });

  it('waits without an account, and begins when there is one', async () => {
    mostLent = 0;
    begin();
    await poll(() => told.all).toEqual(['lost  limit']);
    expect(reader.calls).toBe(0);
    mostLent = 1;
    await poll(() => told.all.at(-1)).toBe('watching anna boris clara');
  });

  it('takes in who comes, lets go who leaves, and leaves alone who is in a back-off', async () => {
    members = [
      { address: anna, joining: true },
      { address: boris, joining: false },
    ];
    await beginOpen();
    expect(told.all).toEqual(['watching anna']);
    members = [
      { address: anna, joining: false },
      { address: clara, joining: true },
    ];
    await poll(() => told.all.slice(1)).toEqual(['ended regrouped', 'watching anna clara']);
    members = [{ address: anna, joining: true }];
    await poll(() => told.all.slice(3)).toEqual(['ended regrouped', 'left clara', 'watching anna']);
    expect([...reader.subscriptions.values()]).toEqual([anna]);
  });

  it('finds another anchor when the old one leaves', async () => {
    await beginOpen();
    members = members.slice(1);
    await poll(() => told.all.at(-1)).toBe('watching boris clara');
    expect(newest().affinity.anchor).toBe(boris);
    expect([...reader.subscriptions.values()].sort()).toEqual([boris, clara]);
  });

  it('trap 16: unsubscribes all when it ends, and gives the account back', async () => {
    const stream = await beginOpen();
    stopper.abort();
    await ended;
    expect(reader.subscriptions.size).toBe(0);
    expect(stream.ended).toBe(true);
    expect(lent).toBe(0);
    expect(told.all).toEqual(['watching anna boris clara']);
  });
});
