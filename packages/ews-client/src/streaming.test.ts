import { describe, expect, test } from 'vitest';
import type { StreamEvent, StreamRequest } from './index.ts';
import { type CannedAnswer, CannedExchange } from './testing/canned-exchange.ts';
import { answers, failure, fault, success } from './testing/replies.ts';

const anchor = 'anna@corp.example';
const boris = 'boris@corp.example';
const affinity = { anchor, cookie: 'c00k1e~1' };
const forever = new AbortController().signal;

const status = (word: string) => stream(`<m:ConnectionStatus>${word}</m:ConnectionStatus>`);

function stream(content: string): string {
  return answers('GetStreamingEvents', success('GetStreamingEvents', content));
}

function notification(subscriptionId: string, events: string): string {
  return `<m:Notification><t:SubscriptionId>${subscriptionId}</t:SubscriptionId>${events}</m:Notification>`;
}

function event(name: string, what = '<t:ItemId Id="i1" ChangeKey="c"/>'): string {
  return `<t:${name}><t:TimeStamp>2026-09-01T07:00:00Z</t:TimeStamp>${what}<t:ParentFolderId Id="f"/></t:${name}>`;
}

/** Reads a stream to its end. @returns the events, and what it ended with if it failed */
async function read(answer: CannedAnswer, request: Partial<StreamRequest> = {}, signal = forever) {
  await using exchange = await CannedExchange.start(answer);
  const asked = { subscriptionIds: ['s1', 's2'], connectionMinutes: 29, silenceMs: 60_000, ...request };
  const events: StreamEvent[] = [];
  let failed: unknown;
  try {
    for await (const event of exchange.client().streamEvents(affinity, asked, signal)) events.push(event);
  } catch (error) {
    failed = error;
  }
  return { events, failed, requests: exchange.requests };
}

describe('subscribe', () => {
  const subscribed = answers('Subscribe', success('Subscribe', '<m:SubscriptionId>s1</m:SubscriptionId>'));

  test('begins a group with its anchor and takes the cookie of the answer', async () => {
    const cookies = ['X-BackEndCookie=other; path=/EWS', 'X-BackEndOverrideCookie=mbx1~abc; path=/; secure; HttpOnly'];
    await using exchange = await CannedExchange.start({ body: subscribed, headers: { 'set-cookie': cookies } });
    const client = exchange.client();
    expect(await client.subscribe(anchor, { anchor, cookie: null })).toEqual({
      subscriptionId: 's1',
      cookie: 'mbx1~abc',
    });
    const [{ headers, body } = { headers: {}, body: '' }] = exchange.requests;
    expect(headers).toMatchObject({ 'x-anchormailbox': anchor, 'x-preferserveraffinity': 'true' });
    expect(headers.cookie).toBeUndefined();
    expect(body).toContain(`<t:SmtpAddress>${anchor}</t:SmtpAddress>`);
    await client.getCalendarFolder(boris).catch(() => {});
    expect(exchange.requests[1]?.headers.cookie).toBeUndefined();
    expect(exchange.requests[1]?.headers['x-preferserveraffinity']).toBeUndefined();
  });

  test('sends the others of a group where the anchor is, each in its own name', async () => {
    await using exchange = await CannedExchange.start({ body: subscribed });
    expect(await exchange.client().subscribe(boris, affinity)).toEqual({ subscriptionId: 's1', cookie: null });
    const [request] = exchange.requests;
    expect(request?.headers).toMatchObject({
      'x-anchormailbox': anchor,
      cookie: 'X-BackEndOverrideCookie=c00k1e~1',
    });
    expect(request?.body).toContain(`<t:SmtpAddress>${boris}</t:SmtpAddress>`);
  });

  test('takes no cookie that no request could carry', async () => {
    const headers = { 'set-cookie': ['X-BackEndOverrideCookie=a b; path=/'] };
    await using exchange = await CannedExchange.start({ body: subscribed, headers });
    expect(await exchange.client().subscribe(anchor, { anchor, cookie: null })).toMatchObject({ cookie: null });
  });

  test('says when there are too many', async () => {
    await using exchange = await CannedExchange.start({
      body: answers('Subscribe', failure('Subscribe', 'ErrorExceededSubscriptionCount')),
    });
    await expect(exchange.client().subscribe(boris, affinity)).rejects.toMatchObject({
      responseCode: 'ErrorExceededSubscriptionCount',
      mailbox: boris,
    });
  });
});

describe('unsubscribe', () => {
  test('goes to where the subscription lives', async () => {
    await using exchange = await CannedExchange.start({ body: answers('Unsubscribe', success('Unsubscribe', '')) });
    await exchange.client().unsubscribe(boris, 's2', affinity);
    const [request] = exchange.requests;
    expect(request?.body).toContain('<m:SubscriptionId>s2</m:SubscriptionId>');
    expect(request?.headers).toMatchObject({ 'x-anchormailbox': anchor, cookie: 'X-BackEndOverrideCookie=c00k1e~1' });
  });
});

describe('streamEvents', () => {
  test('tells what happened to whom, in order, and ends when the server closes', async () => {
    const first = `<m:Notifications>${notification('s1', event('CreatedEvent') + event('ModifiedEvent', '<t:FolderId Id="f"/>'))}</m:Notifications>`;
    const more = `<m:Notifications>${notification('s2', event('DeletedEvent') + event('FreeBusyChangedEvent') + event('MovedEvent'))}${notification('s1', event('CopiedEvent'))}</m:Notifications>`;
    const body = status('OK') + stream(first) + stream(more) + status('OK') + status('Closed') + stream(first);
    const { events, failed, requests } = await read({ body, hang: true });
    expect(failed).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toEqual([
      ...['opened', 'alive', 'created', 'modified', 'deleted', 'moved', 'copied', 'alive', 'closed'],
    ]);
    expect(events[2]).toEqual({
      kind: 'created',
      subscriptionId: 's1',
      at: new Date('2026-09-01T07:00:00Z'),
      itemId: 'i1',
    });
    expect(events[3]).toMatchObject({ subscriptionId: 's1', itemId: null });
    expect(events[4]).toMatchObject({ subscriptionId: 's2' });
    expect(requests[0]?.headers).toMatchObject({
      'x-anchormailbox': anchor,
      'x-preferserveraffinity': 'true',
      'accept-encoding': 'identity',
      cookie: 'X-BackEndOverrideCookie=c00k1e~1',
    });
    expect(requests[0]?.body).toContain(`<t:SmtpAddress>${anchor}</t:SmtpAddress>`);
    expect(requests[0]?.body).toContain('<m:ConnectionTimeout>29</m:ConnectionTimeout>');
  });

  test('has its own socket: a call that comes meanwhile is answered', async () => {
    await using exchange = await CannedExchange.start(({ body }) =>
      body.includes('GetStreamingEvents')
        ? { body: status('OK'), hang: true }
        : { body: answers('Unsubscribe', success('Unsubscribe', '')) },
    );
    const client = exchange.client({ connections: 1 });
    const request = { subscriptionIds: ['s1'], connectionMinutes: 1, silenceMs: 60_000 };
    for await (const { kind } of client.streamEvents(affinity, request, forever)) {
      if (kind !== 'alive') continue;
      await client.unsubscribe(anchor, 's1', affinity);
      break;
    }
    await expect.poll(() => exchange.openSockets()).toBe(1);
  });

  test('trap 4: ends with an error when it falls silent in the middle of an envelope', async () => {
    const { events, failed } = await read(
      { body: status('OK') + status('OK').slice(0, 100), hang: true },
      { silenceMs: 2_000 },
    );
    expect(events.map(({ kind }) => kind)).toEqual(['opened', 'alive']);
    expect(failed).toMatchObject({ code: 'ews-timeout', operation: 'GetStreamingEvents', errorClass: 'transient' });
  });

  test('trap 4: ends with an error when no answer begins', async () => {
    await using exchange = await CannedExchange.start(() => new Promise(() => undefined));
    const request = { subscriptionIds: ['s1'], connectionMinutes: 1, silenceMs: 200 };
    const next = exchange.client().streamEvents(affinity, request, forever)[Symbol.asyncIterator]().next();
    await expect(next).rejects.toMatchObject({ code: 'ews-timeout' });
  });

  test('names the subscriptions that are none', async () => {
    const ids =
      '<m:ErrorSubscriptionIds><t:SubscriptionId>s2</t:SubscriptionId></m:ErrorSubscriptionIds><m:ConnectionStatus>Closed</m:ConnectionStatus>';
    const message = failure('GetStreamingEvents', 'ErrorSubscriptionNotFound', ids);
    const { events, failed } = await read({ body: answers('GetStreamingEvents', message), hang: true });
    expect(failed).toBeUndefined();
    expect(events).toMatchObject([
      { kind: 'opened' },
      { kind: 'refused', subscriptionIds: ['s2'], error: { errorClass: 'resubscribe' } },
    ]);
  });

  test.each([
    [
      'a response message',
      answers('GetStreamingEvents', failure('GetStreamingEvents', 'ErrorExceededConnectionCount')),
      200,
    ],
    ['a fault', fault('ErrorExceededConnectionCount'), 500],
    ['a fault within the stream', status('OK') + fault('ErrorExceededConnectionCount'), 200],
  ])('is refused as a whole by %s', async (_how, body, httpStatus) => {
    const { failed } = await read({ body, status: httpStatus });
    expect(failed).toMatchObject({ responseCode: 'ErrorExceededConnectionCount' });
  });

  test.each([
    ['breaks off', { body: status('OK'), breakOff: true }, 'ews-network'],
    ['ends without a word', { body: status('OK') }, 'ews-network'],
    ['ends within an envelope', { body: status('OK').slice(0, -9) }, 'ews-bad-reply'],
    ['becomes a page', { body: `${status('OK')}<html><br></html>` }, 'ews-bad-reply'],
  ])('rejects when the stream %s', async (_how, answer, code) => {
    expect((await read(answer)).failed).toMatchObject({ code, errorClass: 'transient' });
  });

  test('ends with the reason of whoever aborts', async () => {
    const aborter = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => aborter.abort(reason), 50);
    expect((await read({ body: status('OK'), hang: true }, {}, aborter.signal)).failed).toBe(reason);
  });

  test.each([
    ['no subscriptions', { subscriptionIds: [] }],
    ['more than 200', { subscriptionIds: Array.from({ length: 201 }, String) }],
    ['more than half an hour', { connectionMinutes: 31 }],
  ])('asks not for %s', async (_what, request) => {
    const { failed, requests } = await read({ body: '' }, request);
    expect(failed).toMatchObject({ code: 'ews-bad-request' });
    expect(requests).toEqual([]);
  });
});
