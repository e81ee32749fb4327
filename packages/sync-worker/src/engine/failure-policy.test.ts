import type { MailboxLease } from 'calendar-db/sync';
import { sampleSyncError } from 'calendar-db/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { providerError } from '../testing/sample-provider-error.ts';
import { EndlessSyncError } from './drain-changes.ts';
import { errorCode, failurePolicy, isToldElsewhere, syncErrorOf } from './failure-policy.ts';

const MAILBOX = 'anna@corp.example';
const lease = (given: Partial<MailboxLease> = {}): MailboxLease => ({
  ...{ mailboxId: 1, provider: 'p', address: MAILBOX, ewsUrl: null, status: 'ok', folderId: 'f', syncState: 's' },
  ...{
    windowFrom: null,
    windowTo: null,
    activatedAt: null,
    cached: true,
    autoSync: true,
    failures: 0,
    lastError: null,
    unreadItems: 0,
    unreadTries: 0,
    rereadAt: null,
    suspicion: null,
  },
  ...{ leaseOwner: 'w', leaseToken: 1, syncedAt: null, now: new Date() },
  ...given,
});
const retry = (error: unknown, given: Partial<MailboxLease> = {}, jitter = 0) =>
  failurePolicy(error, lease(given), jitter).retrySeconds;

describe('failurePolicy', () => {
  it('holds a throttled mailbox for as long as the server asks, never less and hardly more', () => {
    const asked = fc.integer({ min: 0, max: 3_600_000 });
    const given = fc.tuple(asked, fc.integer({ min: 0, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(given, ([backOffMs, failures, jitter]) => {
        const seconds = retry(providerError('throttle', { retryAfterMs: backOffMs }), { failures }, jitter);
        expect(seconds).toBeGreaterThanOrEqual(backOffMs / 1000);
        expect(seconds).toBeLessThanOrEqual(Math.max(backOffMs / 1000 + 1, 600));
      }),
    );
  });

  it('backs off from one second to ten minutes, by the mailbox’s own failures', () => {
    const error = providerError('transient');
    const seconds = [0, 1, 2, 3, 9, 10, 99].map((failures) => retry(error, { failures }));
    expect(seconds).toEqual([1, 2, 4, 8, 512, 600, 600]);
    expect(retry(error, { failures: 99 }, 1)).toBe(600);
    expect(retry(new Error('unforeseen'), { failures: 3 })).toBe(8);
    expect(retry(providerError('unknown'), { failures: 3 })).toBe(8);
    expect(retry(providerError('resync', { lost: 'sync-state' }), { failures: 3 })).toBe(8);
  });

  it.each([
    ['moving', providerError('moving'), 180, true],
    ['config', providerError('config'), 300, true],
    ['endless paging', new EndlessSyncError(MAILBOX, 9), 300, true],
    ['no account', providerError('held', { reach: 'account' }), 30, false],
    ['a held server', providerError('held', { reach: 'server', retryAfterMs: 7_500 }), 7.5, false],
    ['a refused login', providerError('auth', { reach: 'account' }), 1, false],
    ['an absent host', providerError('transient', { reach: 'server' }), 1, false],
    ['a strained account', providerError('throttle', { reach: 'account', retryAfterMs: 4_000 }), 4, false],
  ])('waits after %s as long as that takes', (_, error, seconds, counts) => {
    expect(failurePolicy(error, lease({ failures: 5 }), 0)).toMatchObject({ retrySeconds: seconds, counts });
  });

  it('gives a mailbox up for an hour when it was refused time and again, not when other trouble came before', () => {
    const refused = providerError('mailbox', {
      code: 'ews-response',
      detail: 'ErrorNonExistentMailbox',
      lost: 'mailbox',
    });
    const last = syncErrorOf(refused);
    expect(last).toEqual({
      code: 'ews-response',
      errorClass: 'mailbox',
      detail: 'ErrorNonExistentMailbox',
      operation: 'FindItem',
    });
    expect(errorCode(refused)).toBe('mailbox: ews-response ErrorNonExistentMailbox FindItem');
    expect(failurePolicy(refused, lease(), 0)).toMatchObject({ status: 'stale', retrySeconds: 1 });
    expect(failurePolicy(refused, lease({ failures: 1, lastError: last }), 0).status).toBe('stale');
    expect(failurePolicy(refused, lease({ failures: 5, lastError: sampleSyncError('transient') }), 0).status).toBe(
      'stale',
    );
    const denied = failurePolicy(refused, lease({ failures: 2, lastError: last }), 0);
    expect(denied).toMatchObject({ status: 'denied', retrySeconds: 3_600 });
  });

  it('tries three times quickly after ErrorInternalServerError, then rarely; and what nobody foresaw at least every two minutes', () => {
    const internal = providerError('transient', { detail: 'ErrorInternalServerError', unexplained: true });
    const lastError = syncErrorOf(internal);
    expect([0, 1, 2].map((failures) => retry(internal, { failures, lastError }))).toEqual([1, 2, 4]);
    expect(retry(internal, { failures: 3, lastError })).toBe(600);
    expect(retry(internal, { failures: 3, lastError: sampleSyncError('transient') })).toBe(8);
    expect(retry(providerError('unknown'), { failures: 50 })).toBe(120);
  });

  it('holds a throttled mailbox against whatever else makes it due, and believes a day', () => {
    const asked = (seconds: number) => providerError('throttle', { retryAfterMs: seconds * 1_000 });
    expect(failurePolicy(asked(7_200), lease(), 0)).toMatchObject({ held: true, retrySeconds: 7_200 });
    expect(retry(asked(900_000))).toBe(86_400);
    expect(failurePolicy(providerError('transient'), lease(), 0).held ?? false).toBe(false);
  });

  it('has a mailbox looked for that may be elsewhere, not one that merely must not be read', () => {
    const lost = (error: unknown, ewsUrl: string | null = null) =>
      failurePolicy(error, lease({ ewsUrl }), 0).lost ?? false;
    expect(lost(providerError('moving'))).toBe(true);
    expect(
      lost(providerError('mailbox', { code: 'ews-response', detail: 'ErrorNonExistentMailbox', lost: 'mailbox' })),
    ).toBe(true);
    expect(lost(providerError('mailbox'))).toBe(false);
    const away = providerError('transient', { reach: 'server' });
    expect(lost(away)).toBe(false);
    expect(lost(away, 'https://north.corp.example/EWS/Exchange.asmx')).toBe(true);
  });

  it('marks what is cached as stale, and leaves a mailbox new that is not', () => {
    const error = providerError('transient');
    expect(failurePolicy(error, lease(), 0).status).toBe('stale');
    expect(failurePolicy(error, lease({ cached: false, status: 'new' }), 0).status).toBe('new');
  });
});

describe('isToldElsewhere', () => {
  it('leaves to those who watch host and accounts what concerns them', () => {
    expect(isToldElsewhere(providerError('held', { retryAfterMs: 1 }))).toBe(true);
    expect(isToldElsewhere(providerError('transient', { reach: 'server' }))).toBe(true);
    expect(isToldElsewhere(providerError('config', { reach: 'account' }))).toBe(true);
    expect(isToldElsewhere(providerError('throttle'))).toBe(false);
    expect(isToldElsewhere(new Error('x'))).toBe(false);
  });
});
