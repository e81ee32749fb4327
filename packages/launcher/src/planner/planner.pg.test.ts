import { readLogHead } from 'calendar-db/changes';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spawnWorker } from 'worker-kit/testing';
import { BORIS, CHLOE, LauncherHouse } from '../testing/launcher-house.ts';
import { type PassEntry, WatchedPlanner } from '../testing/watched-planner.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Events of a calendar; with pages of 200 a pass has five pages, and one more for what begins soon. */
const EVENTS = 900;
const PAGES = 6;
/** Comes after all events whose ids are random. */
const LAST_ID = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

interface ConsumerRow extends Record<string, unknown> {
  readonly pass_digest: string | null;
  readonly pass_after: string | null;
  readonly full_pass_at: Date | null;
  readonly mixed_rules: boolean;
  readonly seq: string;
}

describe('planners', () => {
  let house: LauncherHouse;
  let journal: PassEntry[];
  let planners: WatchedPlanner[];
  beforeAll(async () => {
    house = await LauncherHouse.open();
  });
  beforeEach(async () => {
    await house.clear();
    await house.introduce();
    journal = [];
    planners = [];
  });
  afterEach(async () => {
    await Promise.all(planners.map((planner) => planner.stop()));
    await house.clear();
    house.configure({ conferences: { safetyPollMs: 0 }, launchConference: true });
  });
  afterAll(() => house.close());

  const planner = (name: string) => {
    const started = new WatchedPlanner(house, name, journal);
    planners.push(started);
    return started;
  };

  const consumer = async () => {
    const { rows } = await house.database.query<ConsumerRow>("SELECT * FROM calendar.consumer WHERE name = 'planner'");
    return rows[0];
  };

  const change = (columns: string) =>
    house.database.query(`UPDATE calendar.consumer SET ${columns} WHERE name = 'planner'`);

  /** A calendar with so many meetings next month. */
  const fill = async (events = EVENTS) => {
    const event = await house.meet(30 * DAY);
    await house.multiply(event, events - 1);
  };

  /** Waits until a pass is complete and none is under way. */
  const complete = () =>
    expect
      .poll(consumer, { timeout: 30_000, interval: 20 })
      .toMatchObject({ pass_digest: null, full_pass_at: expect.any(Date) });

  const planned = async (where = 'true') => {
    const text = `SELECT count(*)::integer AS count FROM calendar.conference WHERE ${where}`;
    return (await house.database.query<{ count: number }>(text)).rows[0]?.count;
  };

  const beginnings = () => journal.filter(({ what }) => what === 'began').map(({ by }) => by);
  const pages = () => journal.filter(({ what }) => what !== 'began');

  it('share one pass when two are due for it, and plan each page once', async () => {
    await fill();
    const first = planner('first');
    planner('second');
    await complete();
    expect(await planned("wanted = 'own'")).toBe(EVENTS);
    expect(beginnings()).toHaveLength(1);
    expect(pages()).toHaveLength(PAGES);
    expect(new Set(pages().map(({ after }) => after)).size).toBe(PAGES);
    expect(first.log.events()).not.toContain('loop.failed');
  });

  it('go on with a pass where another one stands still', async () => {
    await fill();
    const first = planner('first');
    await first.pauseAt(3);
    const second = planner('second');
    await complete();
    first.resume();
    first.wake();
    expect(beginnings()).toEqual(['first']);
    expect(first.pages).toBe(3);
    expect(second.pages).toBe(PAGES - 3);
  });

  it('plan a meeting that is entered during a pass before the next page but one', async () => {
    await fill();
    const only = planner('only');
    await only.pauseAt(2);
    const event = await house.meet(30_000, [BORIS], { eventId: LAST_ID });
    const next = only.pauseAt(4);
    await next;
    expect(await planned(`event_id = '${event}'`)).toBe(1);
    expect(await consumer()).toMatchObject({ pass_digest: expect.any(String) });
  });

  it('begin a pass with the meetings that are about to start', async () => {
    const event = await house.meet(30_000, [BORIS], { eventId: LAST_ID });
    await fill();
    const only = planner('only');
    await only.pauseAt(1);
    expect(await planned()).toBe(1);
    expect(await planned(`event_id = '${event}'`)).toBe(1);
  });

  it('begin again by the new rules when the configuration is replaced during a pass', async () => {
    await fill();
    const only = planner('only');
    await only.pauseAt(4);
    house.configure({ launchConference: false });
    only.reload(house);
    only.resume();
    await complete();
    expect(await planned('runs')).toBe(0);
    expect(await planned("reason = 'launch-off'")).toBe(EVENTS);
    const [old, renewed] = new Set(pages().map(({ digest }) => digest));
    expect(pages().map(({ digest }) => digest)).toEqual([...Array(4).fill(old), ...Array(PAGES).fill(renewed)]);
  });

  it('plan no page by a configuration that is replaced while the page is planned', async () => {
    await fill();
    const only = planner('only');
    await only.pauseAt(2);
    house.configure({ launchConference: false });
    only.reloadInNextTransaction(house);
    const before = journal.length;
    only.resume();
    await complete();
    expect(new Set(journal.slice(0, before).map(({ digest }) => digest)).size).toBe(1);
    expect(journal[before]?.what).toBe('began');
    expect(new Set(journal.slice(before).map(({ digest }) => digest)).size).toBe(1);
    expect(await planned('runs')).toBe(0);
    expect(only.log.events()).not.toContain('loop.failed');
  });

  it('take over a configuration in the middle of a catch-up', async () => {
    const only = planner('only');
    await complete();
    await fill();
    house.configure({ launchConference: false });
    const before = journal.length;
    only.reloadInNextTransaction(house);
    only.wake();
    await expect.poll(() => planned("reason = 'launch-off'"), { timeout: 30_000 }).toBe(EVENTS);
    await complete();
    expect(only.log.events()).not.toContain('loop.failed');
    expect(journal.slice(before).map(({ what }) => what)).toContain('began');
  });

  it('never replace each other’s pass forever when their configurations differ', async () => {
    await fill();
    const first = planner('first');
    await first.pauseAt(2);
    house.configure({ launchConference: false });
    const second = planner('second');
    await second.pauseAt(2);
    first.resume();
    const changed = await house.meet(30 * DAY, [CHLOE]);
    first.wake();
    await expect.poll(() => planned(`event_id = '${changed}'`)).toBe(1);
    second.resume();
    await complete();
    expect(beginnings()).toEqual(['first', 'second']);
    expect(second.pages).toBe(PAGES);
    expect(first.pages).toBe(2);
  });

  it('plan no page of a pass that another one has put in place of theirs', async () => {
    await fill();
    const first = planner('first');
    await first.pauseBeforePageAfter(1);
    house.configure({ launchConference: false });
    const second = planner('second');
    await second.pauseAt(2);
    first.resume();
    const changed = await house.meet(30 * DAY, [CHLOE]);
    first.wake();
    await expect.poll(() => planned(`event_id = '${changed}'`)).toBe(1);
    second.resume();
    await complete();
    expect(first.pages).toBe(1);
    expect(second.pages).toBe(PAGES);
  });

  it('begin again with a reload when something was planned by other rules since the last pass, and only then', async () => {
    const first = planner('first');
    await complete();
    house.configure({ launchConference: false });
    const second = planner('second');
    await expect.poll(beginnings).toEqual(['first', 'second']);
    await complete();
    const event = await house.meet(30 * DAY);
    first.wake();
    await expect.poll(() => planned(`event_id = '${event}' AND runs`)).toBe(1);
    expect(await consumer()).toMatchObject({ mixed_rules: true });
    first.reload(house);
    await expect.poll(() => planned(`event_id = '${event}' AND NOT runs`)).toBe(1);
    expect(beginnings()).toEqual(['first', 'second', 'first']);
    await complete();
    const again = await house.meet(30 * DAY);
    second.reload(house);
    await expect.poll(() => planned(`event_id = '${again}' AND NOT runs`)).toBe(1);
    expect(beginnings()).toHaveLength(3);
  });

  it('take over a pass by other rules that has stood still for a minute', async () => {
    const event = await house.meet(30 * DAY);
    const only = planner('only');
    await complete();
    await change(
      "pass_digest = 'of another', pass_events = 0, pass_began_at = now(), pass_moved_at = now() - interval '59 s'",
    );
    const later = await house.meet(30 * DAY);
    only.wake();
    await expect.poll(() => planned(`event_id = '${later}'`)).toBe(1);
    expect(beginnings()).toEqual(['only']);
    await change("pass_moved_at = now() - interval '61 s'");
    only.wake();
    await expect.poll(beginnings).toEqual(['only', 'only']);
    await complete();
    expect(await planned(`event_id = '${event}'`)).toBe(1);
    expect(only.log.entries.filter(({ event: name }) => name === 'planner.pass-began').at(-1)).toMatchObject({
      reason: 'abandoned',
    });
  });

  it('begin again when the log of changes is replaced during a pass, and miss nothing', async () => {
    await fill();
    const only = planner('only');
    await only.pauseAt(3);
    await change("epoch = 'of another history', seq = 7");
    const event = await house.meet(30 * DAY);
    only.resume();
    await complete();
    expect(beginnings()).toEqual(['only', 'only']);
    expect(await planned()).toBe(EVENTS + 1);
    expect(await planned(`event_id = '${event}'`)).toBe(1);
    const { epoch } = await readLogHead(house.database);
    expect(await consumer()).toMatchObject({ epoch });
  });

  it('make a pass every day, and forget old conferences after it', async () => {
    const event = await house.meet(30 * DAY);
    const only = planner('only');
    await complete();
    await house.database.query(
      `INSERT INTO calendar.conference (event_id, wanted, runs, starts_at, ends_at, create_at, open_at, give_up_at)
       SELECT gen_random_uuid(), 'none', false, at, at, at, at, at FROM (SELECT now() - interval '401 days') old (at)`,
    );
    await change("full_pass_at = now() - interval '25 hours'");
    only.wake();
    await expect.poll(beginnings).toEqual(['only', 'only']);
    await expect.poll(() => planned()).toBe(1);
    expect(await planned(`event_id = '${event}'`)).toBe(1);
  });
});

describe('launchers', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  afterEach(async () => {
    await house.clear();
    house.configure({ launchConference: true });
  });
  afterAll(() => house.close());

  const rows = async <Row extends Record<string, unknown>>(text: string) =>
    (await house.database.query<Row>(text)).rows;

  it('start nothing when starts are switched off while the pass after the start is under way', async () => {
    await house.introduce();
    const soon = await house.meet(8_000, [BORIS], { eventId: LAST_ID });
    const later = await house.meet(30 * DAY);
    await house.multiply(later, 2_000);
    const launcher = await house.launch();
    await expect.poll(() => rows('SELECT FROM calendar.conference LIMIT 1'), { interval: 5 }).toHaveLength(1);
    house.configure({ launchConference: false });
    await launcher.worker.reload();
    await house.become(soon, { state: 'ready', reason: 'launch-off' });
    await launcher.log.waitFor('planner.full-pass');
    await house.age(soon, 2 * 60 * MINUTE);
    await house.become(soon, { state: 'ended' });
    expect(house.trueconf.control.count('run')).toBe(0);
    expect(await rows('SELECT FROM calendar.conference WHERE runs')).toEqual([]);
  });

  it('go on where a launcher was killed during its pass', async () => {
    await house.introduce();
    const event = await house.meet(30 * DAY);
    await house.multiply(event, 3_000);
    await using killed = spawnWorker(new URL('../main.ts', import.meta.url), { args: ['--config', house.config.path] });
    const halfWay = "SELECT FROM calendar.consumer WHERE pass_after > '30000000-0000-0000-0000-000000000000'";
    await expect.poll(() => rows(halfWay), { interval: 5, timeout: 15_000 }).toHaveLength(1);
    killed.kill('SIGKILL');
    await killed.exited;
    // Waits until Postgres has noticed it, too.
    const [row] = await rows<{ after: string }>('SELECT pass_after AS after FROM calendar.consumer FOR UPDATE');
    const launcher = await house.launch(1);
    expect(await launcher.log.waitFor('planner.full-pass')).toMatchObject({ events: 3_001 });
    expect(launcher.log.events()).not.toContain('planner.pass-began');
    const by = await rows(
      `SELECT actor LIKE '%/1' AS second, count(*)::integer, bool_and(event_id > '${row?.after}') AS later,
              bool_or(event_id > '${row?.after}') AS any_later
       FROM calendar.conference_log WHERE action = 'plan' GROUP BY 1 ORDER BY 1`,
    );
    expect(by).toMatchObject([
      { second: false, any_later: false },
      { second: true, later: true },
    ]);
    expect(by.reduce((sum, { count }) => sum + Number(count), 0)).toBe(3_001);
  });
});
