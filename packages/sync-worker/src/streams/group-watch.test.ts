import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsRegistry, TroubleLog } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import type { StreamAccount } from '../accounts/stream-account.ts';
import type { Watch, WatchedMailbox } from '../engine/calendar-watch.ts';
import { FakeReader } from '../testing/fake-reader.ts';
import type { FakeStream } from '../testing/fake-stream.ts';
import { ewsError } from '../testing/sample-ews-items.ts';
import { ChangeNotices } from './change-notices.ts';
import { GroupStreams } from './group-streams.ts';
import { GroupWatch } from './group-watch.ts';
import { WatchMetrics } from './watch-metrics.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000, interval: 10 });

const [anna, boris, clara] = ['anna@corp.example', 'boris@corp.example', 'clara@corp.example'] as const;
const joining = (...addresses: string[]): WatchedMailbox[] => addresses.map((address) => ({ address, joining: true }));

let reader: FakeReader;
let watch: GroupWatch;
beforeEach(() => {
  reader = new FakeReader();
  // Anna's mailbox is on a machine of its own.
  const subscribe = reader.subscribe.bind(reader);
  reader.subscribe = async (mailbox, affinity) => {
    if ((mailbox === anna) === (affinity.anchor === anna)) return subscribe(mailbox, affinity);
    throw ewsError('ErrorProxyRequestNotAllowed', 'moving');
  };
  const log = new CapturedLog().logger();
  const metrics = new WatchMetrics(new MetricsRegistry());
  watch = new GroupWatch('exchange/1', { watch: listen }, joining(anna, boris, clara), {
    marks: { changed: () => undefined, unknown: () => undefined },
    notices: new ChangeNotices(metrics),
    metrics,
    troubles: new TroubleLog(log),
    log,
    onLost: () => undefined,
  });
});
afterEach(() => watch.end());

const listen: Watch = (request, listener, signal) => {
  const call: StreamAccount['call'] = (_mailbox, _signal, work) => work(reader);
  const account = { login: 'svc', isLent: true, call, callAtOnce: call, giveBack: () => undefined };
  const settings = { silenceMs: 60_000, connectionMinutes: 29 };
  const options = { lend: () => account, settings, reviewMs: 20, regroupMs: 0 };
  return new GroupStreams(request, listener, options).run(signal);
};

const live = (): FakeStream[] => reader.streams.filter(({ ended }) => !ended);

describe('GroupWatch.streams', () => {
  beforeEach(async () => {
    await poll(() => [watch.streams, live().length]).toEqual([2, 2]);
  });

  it('counts a stream no more whose last mailbox left the group', async () => {
    watch.assign(joining(boris, clara));
    await poll(() => live().length).toBe(1);
    await poll(() => watch.streams).toBe(1);
    expect([...watch.watched].sort()).toEqual([boris, clara]);
  });

  it('counts the other stream on while one that was closed cannot be opened again', async () => {
    const streamEvents = reader.streamEvents.bind(reader);
    reader.streamEvents = (affinity, request, signal) => {
      const stream = streamEvents(affinity, request, signal);
      if (affinity.anchor === anna) stream.refuse(ewsError('ErrorServerBusy', 'throttle'));
      return stream;
    };
    live()
      .find(({ affinity }) => affinity.anchor === anna)
      ?.push({ kind: 'closed' });
    await poll(() => watch.trouble?.reason).toBe('broken');
    expect(watch.streams).toBe(1);
    expect([...watch.watched].sort()).toEqual([boris, clara]);
  });
});

describe('GroupWatch.trouble', () => {
  it('tells of a server that allows fewer streams than are configured, apart from a lack of accounts', async () => {
    await poll(() => watch.streams).toBe(2);
    const streamEvents = reader.streamEvents.bind(reader);
    reader.streamEvents = (affinity, request, signal) => {
      const stream = streamEvents(affinity, request, signal);
      stream.refuse(ewsError('ErrorExceededConnectionCount', 'throttle', { operation: 'GetStreamingEvents' }));
      return stream;
    };
    for (const stream of live()) stream.push({ kind: 'closed' });
    await poll(() => watch.trouble).toMatchObject({ reason: 'limit', isLacking: false });
  });
});
