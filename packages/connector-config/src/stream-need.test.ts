import { describe, expect, it } from 'vitest';
import { accountShortage, type StreamNeed, streamNeed } from './stream-need.ts';

type Provider = Parameters<typeof streamNeed>[0];

const credential = { login: 'service' } as Provider['credentials'][number];

/** A provider with so many mailboxes and accounts, and the defaults of the config otherwise. */
function provider(mailboxes: number, accounts: number, given: Partial<Provider> = {}): Provider {
  return {
    users: Array.from({ length: mailboxes }, (_, n) => `person${n}@corp.example`),
    auth: 'auto',
    credentials: Array.from({ length: accounts }, () => credential),
    limits: { connections: 8, requestsPerSecond: 20, hostConnections: 32, streams: 8 },
    streaming: { enabled: true, silenceSeconds: 150, connectionMinutes: 29 },
    ...given,
  };
}

const sync = { groupSize: 200, pollSeconds: 60 };
const needOf = (given: Provider, groups: readonly number[] = []): StreamNeed => streamNeed(given, sync, groups);

describe('streamNeed', () => {
  it.each([
    [1, 1],
    [200, 1],
    [1_600, 1],
    [1_601, 2],
    [10_000, 7],
    [100_000, 63],
  ])('gives %i mailboxes %i accounts', (mailboxes, accounts) => {
    expect(needOf(provider(mailboxes, 1)).accountsNeeded).toBe(accounts);
    expect(needOf(provider(mailboxes, accounts))).toMatchObject({ polledMailboxes: 0, pollSeconds: 60 });
  });

  it('tells how many mailboxes are left to be polled, and how often that can be', () => {
    expect(needOf(provider(10_000, 1))).toEqual({
      ...{ mailboxes: 10_000, accounts: 1, accountsNeeded: 7, streamsNeeded: 50 },
      ...{ polledMailboxes: 8_400, pollSeconds: 420 },
    });
    expect(needOf(provider(2_000, 1))).toMatchObject({ polledMailboxes: 400, pollSeconds: 60 });
  });

  it('counts the groups that there are, which other machines of Exchange may have made smaller', () => {
    const groups = Array.from({ length: 12 }, () => 50);
    expect(needOf(provider(600, 1), groups)).toMatchObject({
      streamsNeeded: 12,
      accountsNeeded: 2,
      polledMailboxes: 200,
    });
    expect(needOf(provider(1_000, 1), groups)).toMatchObject({ streamsNeeded: 14, polledMailboxes: 600 });
  });

  it('counts the application that signs in with OAuth as one account', () => {
    expect(needOf(provider(300, 0, { auth: 'oauth' }))).toMatchObject({ accounts: 1, accountsNeeded: 1 });
  });

  it('goes by the requests where streams are switched off', () => {
    const off = provider(2_400, 1, { streaming: { enabled: false, silenceSeconds: 150, connectionMinutes: 29 } });
    expect(needOf(off)).toEqual({
      ...{ mailboxes: 2_400, accounts: 1, accountsNeeded: 2, streamsNeeded: 0 },
      ...{ polledMailboxes: 2_400, pollSeconds: 120 },
    });
  });
});

describe('accountShortage', () => {
  it('says nothing while the accounts do', () => {
    const enough = provider(1_600, 1);
    expect(accountShortage(enough, needOf(enough))).toBeNull();
  });

  it('says what is missing, what follows and what to do', () => {
    const few = provider(10_000, 2);
    expect(accountShortage(few, needOf(few))).toBe(
      '10000 mailboxes need 50 streams, which is 7 accounts of 8 streams, and 2 are listed: 6800 mailboxes are polled instead, ' +
        'each about every 170 s; list 5 more accounts, or raise limits.streams as far as the throttling policy of Exchange allows',
    );
  });

  it('says how often mailboxes are polled without streams when the requests do not allow what is configured', () => {
    const off = provider(2_400, 1, { streaming: { enabled: false, silenceSeconds: 150, connectionMinutes: 29 } });
    expect(accountShortage(off, needOf(off))).toContain('each only about every 120 s; list 1 more');
    const slow = provider(1_200, 1, { streaming: { enabled: false, silenceSeconds: 150, connectionMinutes: 29 } });
    expect(accountShortage(slow, needOf(slow))).toBeNull();
  });
});
