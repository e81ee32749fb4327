import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  beginPass,
  endPass,
  holdConsumer,
  makeConsumer,
  moveConsumer,
  movePass,
  noteMixedRules,
} from '../changes/consumers.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import {
  answerAddresses,
  askForAddresses,
  markAnswersPlanned,
  readAddressMap,
  readUnplannedAnswers,
  takeAddressQuestions,
} from './address-map.ts';
import { listPlanned, listStarts } from './conference-log.ts';
import { type ConferencePlan, planConferences } from './conference-plans.ts';
import {
  type ActualConference,
  type ClaimedConference,
  claimConferences,
  claimLocalSteps,
  nextConferenceDue,
  renewConferenceClaim,
  settleConferences,
} from './conferences.ts';

const HOUR = 3_600_000;
const RULES = { stopOnCancel: false, stopAfterEnd: false };

describe('conferences in the database', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterEach(async () => {
    await db.database.query('DELETE FROM calendar.conference');
    await db.database.query('DELETE FROM calendar.conference_log');
  });
  afterAll(() => db.drop());

  const wish = (given: Partial<ConferencePlan> = {}): ConferencePlan => {
    const startMs = given.startMs ?? Date.now() - 1_000;
    return {
      ...{ eventId: randomUUID(), wanted: 'own', reason: null, serverId: 'tiny', ownerId: 'anna', topic: 'Planning' },
      ...{ description: '', invitees: [], autoInvite: true, seriesKey: null, linkCid: null, linkUrl: null, runs: true },
      ...{ startMs, endMs: startMs + HOUR, createMs: startMs - HOUR, openMs: startMs, giveUpMs: startMs + HOUR / 2 },
      ...given,
    };
  };
  const plan = (...plans: ConferencePlan[]) => planConferences(db.database, 'test', plans);
  const claim = (owner: string, leaseMs = 15_000, serverId: string | null = 'tiny') =>
    serverId === null
      ? claimLocalSteps(db.database, { owner, most: 10, leaseMs, ...RULES })
      : claimConferences(db.database, { owner, serverId, most: 10, leaseMs, ...RULES });
  const settle = (owner: string, work: ClaimedConference, change: Partial<ActualConference> | null) =>
    settleConferences(db.database, owner, 'test', [
      {
        ...{ eventId: work.eventId, token: work.token, wantedVersion: work.wantedVersion, attempts: 0, log: [] },
        ...{ intent: null, retryMs: null },
        ...(change && { actual: { ...work, ...change } }),
      },
    ]);
  const ready = { state: 'ready', held: 'own', heldServer: 'tiny', cid: 'c', mayRun: true, appliedVersion: 1 } as const;

  it('gives each conference to one of many claimers', async () => {
    await plan(...Array.from({ length: 20 }, () => wish()));
    const owners = Array.from({ length: 5 }, () => randomUUID());
    const claimed = (await Promise.all(owners.map((owner) => claim(owner)))).flat();
    expect(new Set(claimed.map(({ eventId }) => eventId)).size).toBe(claimed.length);
    expect(claimed.length).toBe(20);
  });

  it('claims nothing before its time by the database clock', async () => {
    const due = Date.now() + 300;
    await plan(wish({ startMs: due + HOUR, createMs: due }));
    expect(await claim(randomUUID())).toEqual([]);
    expect(await nextConferenceDue(db.database, 'tiny', RULES)).toBeCloseTo(due, -1);
    await expect.poll(() => claim(randomUUID())).toMatchObject([{ step: 'create' }]);
    const { rows } = await db.database.query<{ late: boolean }>(
      'SELECT k.requested_at >= c.create_at AS late FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id)',
    );
    expect(rows).toEqual([{ late: true }]);
  });

  it('lets an overtaken claimer write and renew nothing', async () => {
    await plan(wish());
    const [first, second] = [randomUUID(), randomUUID()];
    const [old] = await claim(first, 0);
    await db.database.query("UPDATE calendar.conference_claim SET requested_at = requested_at - interval '1 minute'");
    const [fresh] = await claim(second);
    if (!old || !fresh) throw new Error('nothing was claimed');
    expect(fresh).toMatchObject({ step: 'create', openIntent: 'create', openIntentServer: 'tiny' });
    expect(fresh.openForMs).toBeGreaterThanOrEqual(60_000);
    expect(await renewConferenceClaim(db.database, first, old, 15_000)).toBe(false);
    expect((await settle(first, old, ready)).size).toBe(0);
    expect((await settle(second, fresh, ready)).size).toBe(1);
    expect(await claim(first)).toMatchObject([{ step: 'run', state: 'ready' }]);
  });

  it('waits for nobody who writes changes when all is wanted as before, or nothing is', async () => {
    const [planned, over] = [wish(), wish({ endMs: Date.now() - HOUR })];
    await plan(planned);
    await db.database.transaction(async (writer) => {
      await writer.query('SELECT calendar.lock_changes()');
      expect(await plan(planned, over)).toBe(0);
    });
  });

  it('waits for nobody who writes plans when only a claim is settled, so that neither can wait for the other', async () => {
    await plan(wish());
    const owner = randomUUID();
    const [work] = await claim(owner);
    if (!work) throw new Error('nothing was claimed');
    await db.database.transaction(async (planner) => {
      await planner.query('SELECT calendar.lock_changes()');
      expect((await settle(owner, work, null)).size).toBe(1);
    });
  });

  it('goes again at once when the wish has moved on while it was carried out', async () => {
    const wanted = wish({ startMs: Date.now() + 2 * HOUR, createMs: Date.now() - HOUR });
    await plan(wanted);
    const owner = randomUUID();
    const [work] = await claim(owner);
    if (!work) throw new Error('nothing was claimed');
    await plan({ ...wanted, topic: 'Another' });
    await settle(owner, work, ready);
    expect(await claim(owner)).toMatchObject([{ step: 'change', topic: 'Another' }]);
  });

  it('starts no change in the last two seconds, and wakes at the start then', async () => {
    const openMs = Date.now() + 1_500;
    const wanted = wish({ startMs: openMs, openMs, createMs: Date.now() - HOUR });
    await plan(wanted);
    const owner = randomUUID();
    const [work] = await claim(owner);
    if (!work) throw new Error('nothing was claimed');
    await settle(owner, work, { ...ready, appliedVersion: 0 });
    expect(await claim(owner)).toEqual([]);
    expect(await nextConferenceDue(db.database, 'tiny', RULES)).toBeCloseTo(openMs, -2);
  });

  it('leaves wishes alone that are as before, and makes no row for what is over', async () => {
    const wanted = wish();
    expect(await plan(wanted)).toBe(1);
    expect(await plan(wanted)).toBe(0);
    expect(await plan(wish({ startMs: Date.now() - 2 * HOUR }))).toBe(0);
    expect(await plan({ ...wanted, wanted: 'none', reason: 'cancelled' })).toBe(1);
    expect(await claim(randomUUID(), 15_000, null)).toMatchObject([{ step: 'withdraw' }]);
  });

  it('lists what is planned and what was started', async () => {
    const wanted = wish({ startMs: Date.now() + HOUR });
    await plan(wanted);
    expect(await listPlanned(db.database, new Date(Date.now() + 2 * HOUR))).toMatchObject([
      { eventId: wanted.eventId, wanted: 'own', state: 'planned', runs: true },
    ]);
    expect(await listStarts(db.database, new Date(0))).toEqual([]);
  });

  it('lets one process at a time hold a consumer', async () => {
    await makeConsumer(db.database, 'some');
    await db.database.transaction(async (mine) => {
      expect(await holdConsumer(mine, 'some')).toMatchObject({ seq: 0, epoch: '' });
      await db.database.transaction(async (other) => expect(await holdConsumer(other, 'some')).toBeNull());
      await moveConsumer(mine, 'some', { epoch: 'e', seq: 4 });
    });
    await db.database.transaction(async (mine) => {
      expect(await holdConsumer(mine, 'some')).toMatchObject({ seq: 4, epoch: 'e' });
    });
  });

  it('keeps how far a consumer’s full pass is, by which rules, and whether other rules were used since', async () => {
    const { database } = db;
    expect(await makeConsumer(database, 'passing')).toBe(true);
    expect(await makeConsumer(database, 'passing')).toBe(false);
    const read = () => database.transaction((client) => holdConsumer(client, 'passing'));
    expect(await read()).toMatchObject({ configDigest: '', fullPassAgeMs: null, passDigest: null, passIdleMs: null });
    await beginPass(database, 'passing', 'some rules');
    expect(await read()).toMatchObject({ passDigest: 'some rules', passAfter: null, mixedRules: false });
    const after = randomUUID();
    await movePass(database, 'passing', after, 3);
    await noteMixedRules(database, 'passing');
    const moved = await read();
    expect(moved).toMatchObject({ passDigest: 'some rules', passAfter: after, mixedRules: true, configDigest: '' });
    expect(moved?.passIdleMs).toBeGreaterThanOrEqual(0);
    await beginPass(database, 'passing', 'other rules');
    expect(await read()).toMatchObject({ passDigest: 'other rules', passAfter: null, mixedRules: false });
    await movePass(database, 'passing', after, 3);
    const { events, ms } = await endPass(database, 'passing', 2);
    expect(events).toBe(5);
    expect(ms).toBeGreaterThanOrEqual(0);
    const complete = await read();
    expect(complete).toMatchObject({ configDigest: 'other rules', passDigest: null, passAfter: null });
    expect(complete?.fullPassAgeMs).toBeGreaterThanOrEqual(0);
    await expect(endPass(database, 'passing', 0)).rejects.toThrow('no full pass under way');
  });

  it('keeps an answer unplanned until exactly that answer was planned', async () => {
    const terms = { answerWithinSeconds: 60, hitHours: 24, missHours: 1 };
    const question = { serverId: 'tiny', address: 'anna@corp.example' };
    await askForAddresses(db.database, [question, question]);
    expect(await takeAddressQuestions(db.database, 'tiny', 10, terms)).toEqual([question.address]);
    expect(await takeAddressQuestions(db.database, 'tiny', 10, terms)).toEqual([]);
    const answer = (trueconfId: string | null) =>
      answerAddresses(db.database, 'tiny', [{ address: question.address, trueconfId, source: 'email' }]);
    await answer(null);
    const planned = await readUnplannedAnswers(db.database, 10);
    await answer('anna');
    await markAnswersPlanned(db.database, planned);
    expect(await readUnplannedAnswers(db.database, 10)).toHaveLength(1);
    await markAnswersPlanned(db.database, await readUnplannedAnswers(db.database, 10));
    await answer('anna');
    expect(await readUnplannedAnswers(db.database, 10)).toEqual([]);
    const known = await readAddressMap(db.database, ['tiny'], [question.address]);
    expect(known).toEqual([{ ...question, trueconfId: 'anna', known: true }]);
  });
});
