import { describe, expect, it } from 'vitest';
import { parseConfig } from './load-config.ts';
import { type StreamNeed, streamNeeds } from './stream-need.ts';
import { editedConfig, provider } from './testing/sample-configs.ts';

/** An entry of the config with so many mailboxes and accounts. */
function entry(mailboxes: number, accounts: number, edits: Record<string, unknown> = {}): Record<string, unknown> {
  const [credential] = provider().credentials as object[];
  return provider({
    users: Array.from({ length: mailboxes }, (_, n) => `person${n}-${accounts}@corp.example`),
    credentials: Array.from({ length: accounts }, (_, n) => ({ ...credential, login: `service${n}` })),
    ...edits,
  });
}

function needsOf(calendarProviders: readonly object[], groups: readonly number[] = []): StreamNeed[] {
  const { config } = parseConfig(editedConfig({ calendarProviders }), 'config.json');
  return streamNeeds(config, () => groups);
}

function needOf(calendarProvider: object, groups: readonly number[] = []): StreamNeed {
  const [need] = needsOf([calendarProvider], groups);
  if (need === undefined) throw new Error('no need was worked out');
  return need;
}

describe('streamNeeds', () => {
  it.each([
    [1, 1],
    [200, 1],
    [1_600, 1],
    [1_601, 2],
    [10_000, 7],
  ])('gives %i mailboxes %i accounts by the defaults of the config', (mailboxes, accounts) => {
    expect(needOf(entry(mailboxes, 1)).accountsNeeded).toBe(accounts);
    const enough = needOf(entry(mailboxes, accounts));
    expect(enough).toMatchObject({ polledMailboxes: 0, pollSeconds: 60, shortage: null });
  });

  it('tells how many mailboxes are left to be polled, how often that can be, and what to do', () => {
    const few = needOf(entry(10_000, 2));
    expect(few).toMatchObject({
      ...{ provider: 'mail.corp.example/ews/exchange.asmx', mailboxes: 10_000, accounts: 2, accountsNeeded: 7 },
      ...{ streamsNeeded: 50, polledMailboxes: 6_800, pollSeconds: 170 },
    });
    expect(few.shortage).toBe(
      '10000 mailboxes need 50 streams, for which 7 accounts with 8 streams each are needed and 2 listed: 6800 mailboxes ' +
        'are polled instead, each about every 170 s; list 5 more account(s), or raise limits.streams as far as the ' +
        'throttling policy of Exchange allows',
    );
    expect(needOf(entry(2_000, 1))).toMatchObject({ polledMailboxes: 400, pollSeconds: 60 });
  });

  it('counts the groups that there are, which the machines of Exchange may have made smaller', () => {
    const groups = Array.from({ length: 12 }, () => 50);
    expect(needOf(entry(600, 1), groups)).toMatchObject({ streamsNeeded: 12, accountsNeeded: 2, polledMailboxes: 200 });
    expect(needOf(entry(1_000, 1), groups)).toMatchObject({ streamsNeeded: 14, polledMailboxes: 600 });
  });

  it('goes by the limits of the config', () => {
    const limits = { streams: 3, requestsPerSecond: 5 };
    expect(needOf(entry(1_400, 1, { limits }))).toMatchObject({
      accountsNeeded: 3,
      polledMailboxes: 800,
      pollSeconds: 160,
    });
  });

  it('counts the application that signs in with OAuth as one account', () => {
    const [{ password }] = provider().credentials as [{ password: string }];
    const oauth = {
      tokenUrl: 'https://adfs.corp.example/token',
      clientId: 'app',
      clientSecret: password,
      scope: 'ews',
    };
    expect(needOf(entry(300, 3, { auth: 'oauth', oauth }))).toMatchObject({ accounts: 1, accountsNeeded: 1 });
  });

  it('counts entries of one address together, whose mailboxes share their groups', () => {
    expect(
      needsOf(
        [entry(1_600, 1), entry(1_600, 2)],
        [...Array(16).keys()].map(() => 200),
      ),
    ).toMatchObject([{ mailboxes: 3_200, accounts: 3, accountsNeeded: 2, shortage: null }]);
    expect(needsOf([entry(10, 1), entry(10, 2, { host: 'other.example' })])).toHaveLength(2);
  });

  it('goes by the requests where streams are switched off', () => {
    const streaming = { enabled: false };
    expect(needOf(entry(2_400, 1, { streaming }))).toMatchObject({
      ...{ mailboxes: 2_400, accounts: 1, accountsNeeded: 2, streamsNeeded: 0 },
      ...{ polledMailboxes: 2_400, pollSeconds: 120, shortage: expect.stringContaining('each about every 120 s') },
    });
    expect(needOf(entry(1_200, 1, { streaming }))).toMatchObject({ pollSeconds: 60, shortage: null });
  });
});
