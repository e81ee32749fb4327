import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BORIS, LauncherHouse } from '../testing/launcher-house.ts';
import { type PassEntry, WatchedPlanner } from '../testing/watched-planner.ts';

const DAY = 86_400_000;
const EVENTS = 900;

/** Compares counts of statements and pages, never times. */
describe('what planning costs', () => {
  let house: LauncherHouse;
  let journal: PassEntry[];
  let planners: WatchedPlanner[];
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  beforeEach(() => {
    journal = [];
    planners = [];
  });
  afterEach(async () => {
    await Promise.all(planners.map((planner) => planner.stop()));
    await house.clear();
  });
  afterAll(() => house.close());

  const planner = (name: string) => {
    const started = new WatchedPlanner(house, name, journal);
    planners.push(started);
    return started;
  };

  const count = async (from: string) =>
    (await house.database.query<{ count: number }>(`SELECT count(*)::integer AS count FROM calendar.${from}`)).rows[0]
      ?.count;

  const complete = () =>
    expect
      .poll(() => count('consumer WHERE full_pass_at IS NOT NULL AND pass_digest IS NULL'), { timeout: 30_000 })
      .toBe(1);

  /** A calendar of meetings of Anna with Boris, planned before a server has said who they are. */
  const unanswered = async () => {
    const event = await house.meet(30 * DAY, [BORIS]);
    await house.multiply(event, EVENTS - 1);
    const first = planner('first');
    await complete();
    expect(await count("conference WHERE reason = 'mapping-pending'")).toBe(EVENTS);
    return first;
  };

  /** The server's answers about Anna and Boris. */
  const answer = () =>
    house.database.query(
      `UPDATE calendar.address_map SET trueconf_id = split_part(address, '@', 1), checked_at = now(), unplanned = true`,
    );

  const ran = ({ queries }: WatchedPlanner, name: string) => queries.get(name) ?? 0;

  it('reads the events that answers touch once, however many there are', async () => {
    const only = await unanswered();
    const facts = ran(only, 'conferences/read-facts');
    await answer();
    only.wake();
    await expect.poll(() => count('address_map WHERE unplanned'), { timeout: 30_000 }).toBe(0);
    expect(await count("conference WHERE wanted = 'own'")).toBe(EVENTS);
    expect(ran(only, 'conferences/list-touched')).toBe(1);
    expect(ran(only, 'conferences/read-facts') - facts).toBe(Math.ceil(EVENTS / 200));
  });

  it('leaves nothing unplanned when the planner dies in the middle of answers: another one begins them again', async () => {
    const first = await unanswered();
    const facts = ran(first, 'conferences/read-facts');
    const paused = first.pauseAfter('conferences/read-facts', facts + 2);
    await answer();
    first.wake();
    await paused;
    expect(await count("conference WHERE wanted = 'own'")).toBe(400);
    expect(await count('address_map WHERE unplanned')).toBe(2);
    planner('second');
    await expect.poll(() => count('address_map WHERE unplanned'), { timeout: 30_000 }).toBe(0);
    expect(await count("conference WHERE wanted = 'own'")).toBe(EVENTS);
    expect(journal.filter(({ what }) => what === 'began')).toHaveLength(1);
  });

  it('plans what an event was changed to while answers about its people are planned', async () => {
    const first = await unanswered();
    const paused = first.pauseAfter('conferences/list-touched', 1);
    await answer();
    first.wake();
    await paused;
    const later = await house.meet(30 * DAY, [BORIS]);
    first.resume();
    first.wake();
    await expect.poll(() => count(`conference WHERE event_id = '${later}' AND wanted = 'own'`)).toBe(1);
  });

  it('plans events of many people a few at a time, and goes through all of them once', async () => {
    const people = Array.from({ length: 2_500 }, (_, place) => `guest-${place}@elsewhere.example`);
    await house.introduce();
    const event = await house.meet(30 * DAY, people);
    await house.multiply(event, 5);
    const only = planner('only');
    await complete();
    expect(await count('conference')).toBe(6);
    // The first page has what begins soon, which is nothing here.
    expect(journal.filter(({ what }) => what !== 'began').length).toBeGreaterThanOrEqual(1 + 6 / 2);
    expect(ran(only, 'conferences/plan')).toBeLessThanOrEqual(6);
  });

  it('goes through changes of large events a few at a time, and of small ones together', async () => {
    await house.introduce();
    const only = planner('only');
    await complete();
    const plans = ran(only, 'conferences/plan');
    const people = Array.from({ length: 2_500 }, (_, place) => `guest-${place}@elsewhere.example`);
    await house.multiply(await house.meet(30 * DAY, people), 5);
    await house.multiply(await house.meet(30 * DAY, [BORIS]), 99);
    only.wake();
    await expect.poll(() => count('conference'), { timeout: 30_000 }).toBe(106);
    const batches = ran(only, 'conferences/plan') - plans;
    expect(batches).toBeGreaterThanOrEqual(3);
    expect(batches).toBeLessThanOrEqual(12);
    expect(only.log.events()).not.toContain('loop.failed');
  });

  describe('when many copies of large events change', () => {
    const EVENTS_OF_A_SERIES = 6;
    const COPIES = 20;

    /** All events change again and again, as one copy after the other is read. */
    const changeAll = () =>
      house.database.query(
        `INSERT INTO calendar.change (kind, event_id, audience)
         SELECT 'event', e.event_id, '{}' FROM generate_series(1, $1::integer) copy, calendar.event e
         ORDER BY copy, e.event_id`,
        [COPIES],
      );
    const people = Array.from({ length: 2_500 }, (_, place) => `guest-${place}@elsewhere.example`);

    const isCaughtUp = () => count('consumer WHERE seq >= (SELECT max(seq) FROM calendar.change)');

    /** A planner that has planned the series once. Two of its events fit into a batch. */
    const plannedSeries = async () => {
      await house.introduce();
      const only = planner('only');
      await complete();
      await house.multiply(await house.meet(30 * DAY, people), EVENTS_OF_A_SERIES - 1);
      only.wake();
      await expect.poll(isCaughtUp, { timeout: 30_000 }).toBe(1);
      expect(await count('conference')).toBe(EVENTS_OF_A_SERIES);
      return only;
    };

    it('plans each of them once for all changes that are known', async () => {
      const only = await plannedSeries();
      const facts = ran(only, 'conferences/read-facts');
      await changeAll();
      only.wake();
      await expect.poll(isCaughtUp, { timeout: 30_000 }).toBe(1);
      expect(ran(only, 'conferences/read-facts') - facts).toBeLessThanOrEqual(EVENTS_OF_A_SERIES);
    });

    it('plans another event before them, however late its change came', async () => {
      const only = await plannedSeries();
      const facts = ran(only, 'conferences/read-facts');
      await changeAll();
      const small = await house.meet(30 * DAY, [BORIS]);
      const planned = only.pauseAfter('conferences/read-facts', facts + 1);
      only.wake();
      await planned;
      expect(await count(`conference WHERE event_id = '${small}'`)).toBe(1);
    });
  });

  it('plans all that begin soon before the rest of a pass, also when they do not fit into one batch', async () => {
    await house.introduce();
    const people = Array.from({ length: 2_500 }, (_, place) => `guest-${place}@elsewhere.example`);
    const soon = await house.meet(60_000, people);
    await house.multiply(soon, 5);
    await house.multiply(await house.meet(30 * DAY, [BORIS]), 9);
    const only = planner('only');
    await only.pauseAfter('conferences/list-plannable', 1);
    expect(await count("conference WHERE starts_at < now() + interval '1 hour'")).toBe(6);
    only.resume();
    await complete();
    expect(await count('conference')).toBe(16);
  });
});
