import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeGssapi, gssapiFailure } from '../testing/fake-gssapi.ts';
import { TicketSource } from './ticket-source.ts';

const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetFolder' };
const names = { principal: 'svc@CORP.EXAMPLE', keytab: '/etc/calendar.keytab', service: 'HTTP/mail.corp.example' };
const never = new AbortController().signal;

describe('TicketSource', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const ticketsOf = (gssapi: FakeGssapi) => {
    gssapi.lifetimeSeconds = 180;
    const tickets = new TicketSource(gssapi, names);
    return () => tickets.credential(place, never);
  };
  const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

  test('renews when half of the time is over, and not before', async () => {
    const gssapi = new FakeGssapi();
    const next = ticketsOf(gssapi);
    const first = await next();
    pass(89);
    expect(await next()).toBe(first);
    pass(2);
    const second = await next();
    expect(second).not.toBe(first);
    expect(await next()).toBe(second);
    expect(gssapi.acquired).toBe(2);
  });

  test('asks once for calls that come together', async () => {
    const gssapi = new FakeGssapi();
    const next = ticketsOf(gssapi);
    const [first, ...others] = await Promise.all([next(), next(), next()]);
    expect(others.every((other) => other === first)).toBe(true);
    pass(100);
    await Promise.all([next(), next(), next()]);
    expect(gssapi.acquired).toBe(2);
  });

  test('goes on with the old tickets while no KDC answers, asks again later, and tells it when they are over', async () => {
    const gssapi = new FakeGssapi();
    const next = ticketsOf(gssapi);
    const first = await next();
    gssapi.failures.push(
      gssapiFailure('KRB5_KDC_UNREACH'),
      gssapiFailure('KRB5_KDC_UNREACH'),
      gssapiFailure('KRB5_KDC_UNREACH'),
    );
    pass(100);
    expect(await next()).toBe(first);
    expect(await next()).toBe(first);
    expect(gssapi.acquired).toBe(2);
    pass(20);
    expect(await next()).toBe(first);
    expect(gssapi.acquired).toBe(3);
    pass(60);
    await expect(next()).rejects.toMatchObject({ code: 'ews-kerberos-kdc', errorClass: 'transient' });
    expect(await next()).not.toBe(first);
  });

  test('tells a refusal of the keys at once, though the old tickets are good: the account might be locked', async () => {
    const gssapi = new FakeGssapi();
    const next = ticketsOf(gssapi);
    await next();
    gssapi.failures.push(gssapiFailure('KRB5KDC_ERR_PREAUTH_FAILED'));
    pass(100);
    await expect(next()).rejects.toMatchObject({ code: 'ews-auth-refused' });
  });

  test('lets a call go that is given up', async () => {
    const gssapi = new FakeGssapi();
    gssapi.release = new Promise(() => undefined);
    const tickets = new TicketSource(gssapi, names);
    const aborter = new AbortController();
    const call = tickets.credential(place, aborter.signal);
    aborter.abort(new Error('given up'));
    await expect(call).rejects.toThrow('given up');
  });
});
