import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestWorker } from 'worker-kit/testing';
import { BORIS, CHLOE, LauncherHouse } from '../testing/launcher-house.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The subject of events that cannot be planned here. */
const HOSTILE = 'Confidential takeover';

const ONLY_COPY = `RETURN QUERY SELECT e.event_id, e.mailbox_id, e.audience FROM calendar.event e
  WHERE e.event_id = p_event_id`;

interface Row extends Record<string, unknown> {
  readonly event_id: string;
  readonly reason: string;
  readonly failures: number;
}

describe('an event that cannot be planned', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  beforeEach(() => house.introduce());
  afterEach(async () => {
    await house.clear();
    await permit();
  });
  afterAll(() => house.close());

  /** Makes Postgres fail with this SQLSTATE whenever a conference with the hostile subject is written. */
  const forbid = async (failure: string) => {
    await permit();
    await house.database.query(`
      CREATE FUNCTION public.forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${failure}; RETURN NEW; END $$;
      CREATE TRIGGER forbid BEFORE INSERT OR UPDATE ON calendar.conference FOR EACH ROW
        WHEN (NEW.topic = '${HOSTILE}') EXECUTE FUNCTION public.forbid()`);
  };
  const raise = (sqlState: string) => `RAISE EXCEPTION 'of ${HOSTILE}' USING ERRCODE = '${sqlState}'`;
  const permit = () => house.database.query('DROP FUNCTION IF EXISTS public.forbid CASCADE');

  /** The event at a place of the order in which a full pass goes. */
  const idAt = async (place: number) => {
    const text = 'SELECT event_id FROM calendar.event ORDER BY event_id OFFSET $1 LIMIT 1';
    const { rows } = await house.database.query<{ event_id: string }>(text, [place]);
    return rows[0]?.event_id ?? '';
  };

  /** Puts a body in plpgsql in place of a function's, until it is disposed of. */
  const replaced = async (signature: string, body: string, before = '') => {
    const { rows } = await house.database.query<{ before: string; head: string }>(
      `SELECT pg_get_functiondef($1::regprocedure) AS before,
              'CREATE OR REPLACE FUNCTION ' || p.oid::regproc || '(' || pg_get_function_arguments(p.oid) || ') RETURNS '
                || pg_get_function_result(p.oid) AS head
       FROM pg_proc p WHERE p.oid = $1::regprocedure`,
      [signature],
    );
    const [found] = rows;
    await house.database.query(
      `BEGIN; ${before}; ${found?.head} LANGUAGE plpgsql STABLE AS $replaced$ ${body} $replaced$; COMMIT`,
    );
    return { [Symbol.asyncDispose]: async () => void (await house.database.query(found?.before ?? '')) };
  };

  /** The body of a function that fails for one event. */
  const failsFor = (eventId: string, sqlState: string, answer: string) =>
    `BEGIN IF p_event_id = '${eventId}' THEN ${raise(sqlState)}; END IF; ${answer}; END`;

  const setAside = async () =>
    (await house.database.query<Row>('SELECT * FROM calendar.set_aside_event ORDER BY event_id')).rows;

  const logged = ({ log }: TestWorker, event: string) => log.entries.filter((entry) => entry.event === event);

  const check = ({ context }: TestWorker) => context.health.report().checks['set-aside'];

  const expectAlarm = async (launcher: TestWorker, eventId: string, reason: string) => {
    await expect.poll(() => check(launcher)).toMatchObject({ state: 'degraded' });
    expect(check(launcher)?.detail).toContain(`1 event(s) cannot be planned`);
    expect(check(launcher)?.detail).toContain(`${eventId} (${reason}`);
    expect(await (await fetch(launcher.opsUrl('/metrics'))).text()).toMatch(
      /^calendar_planner_set_aside_events\{.*\} 1$/mu,
    );
    expect(logged(launcher, 'planner.event-set-aside').filter(({ level }) => level === 'error')).toMatchObject([
      { eventId, reason, failures: 1 },
    ]);
    expect(JSON.stringify([launcher.log.entries, launcher.context.health.report()])).not.toContain(HOSTILE);
  };

  const expectNoAlarm = async (launcher: TestWorker) => {
    await expect.poll(setAside).toEqual([]);
    await expect.poll(() => check(launcher)).toMatchObject({ state: 'ok' });
    expect(await (await fetch(launcher.opsUrl('/metrics'))).text()).toMatch(
      /^calendar_planner_set_aside_events\{.*\} 0$/mu,
    );
  };

  it.each([
    ['takes too long', '57014'],
    ['needs too much memory', '53200'],
    ['is larger than Postgres can hold', '54000'],
    ['meets a damaged row', 'XX001'],
    ['violates a constraint', '23514'],
  ])(
    'because it %s is set aside and alarmed, holds up no other, and is planned again when it changes',
    async (_, sqlState) => {
      await forbid(raise(sqlState));
      const launcher = await house.launch();
      await launcher.log.waitFor('planner.full-pass');
      const [hostile, later] = [await house.meet(HOUR, [BORIS], { subject: HOSTILE }), await house.meet(2 * HOUR)];
      await house.become(later, { wanted: 'own' });
      await expectAlarm(launcher, hostile, sqlState);
      expect(logged(launcher, 'loop.failed')).toEqual([]);
      expect(await house.row(hostile)).toBeUndefined();
      await house.meet(HOUR, [BORIS, CHLOE], { eventId: hostile, subject: 'Harmless' });
      await house.become(hostile, { wanted: 'own', reason: null });
      await expectNoAlarm(launcher);
      expect(logged(launcher, 'planner.event-planned')).toMatchObject([{ eventId: hostile }]);
    },
  );

  it('because its statement is cancelled while it is written is set aside, and others are planned', async () => {
    await forbid('PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(60)');
    const launcher = await house.launch();
    const [hostile, later] = [await house.meet(HOUR, [BORIS], { subject: HOSTILE }), await house.meet(2 * HOUR)];
    await house.become(later, { wanted: 'own' });
    await expectAlarm(launcher, hostile, '57014');
  });

  it('because reading it fails is set aside in a full pass, down to which batches are halved', async () => {
    const many = await house.meet(30 * DAY, [BORIS], { subject: HOSTILE });
    await house.multiply(many, 299);
    const hostile = await idAt(120);
    await using _ = await replaced('calendar.speaking_copy(uuid)', failsFor(hostile, '53200', ONLY_COPY));
    const launcher = await house.launch();
    await launcher.log.waitFor('planner.full-pass');
    const { rows } = await house.database.query('SELECT FROM calendar.conference');
    expect(rows).toHaveLength(299);
    await expectAlarm(launcher, hostile, '53200');
    expect(logged(launcher, 'planner.batch-failed').map(({ events }) => events)).toEqual([200, 50, 25, 3, 2, 1]);
  });

  it('is not started either when the change of its conference cannot be logged', async () => {
    const launcher = await house.launch();
    const event = await house.meet(HOUR);
    await house.become(event, { state: 'ready', settled: true });
    await forbid(raise('57014'));
    await house.meet(HOUR, [CHLOE], { eventId: event, subject: HOSTILE });
    await expect.poll(setAside).toHaveLength(1);
    // In one transaction: the event that was set aside may be tried again at any moment.
    const runAgain = `UPDATE calendar.conference SET runs = true, reason = NULL WHERE event_id = '${event}'`;
    await using _ = await replaced('calendar.concerned(uuid)', failsFor(event, '57014', "RETURN '{}'"), runAgain);
    await house.database.query('UPDATE calendar.set_aside_event SET retry_at = now()');
    const runs = async () =>
      (await house.database.query('SELECT runs, reason FROM calendar.conference WHERE event_id = $1', [event])).rows;
    await expect.poll(runs, { timeout: 10_000 }).toEqual([{ runs: false, reason: null }]);
    expect(check(launcher)).toMatchObject({ state: 'degraded' });
  });

  it('because its row holds what cannot be planned is set aside in a full pass, which goes on to its end', async () => {
    const many = await house.meet(30 * DAY);
    await house.multiply(many, 299);
    const hostile = await idAt(120);
    const corrupt = "UPDATE calendar.event SET subject = $1, end_at = '20000-01-01Z' WHERE event_id = $2";
    await house.database.query(corrupt, [HOSTILE, hostile]);
    const launcher = await house.launch();
    await launcher.log.waitFor('planner.full-pass');
    const { rows } = await house.database.query('SELECT FROM calendar.conference');
    expect(rows).toHaveLength(299);
    await expectAlarm(launcher, hostile, 'event-times-unusable');
  });

  it('is not started by the plan that was made before, and is once it is planned again', async () => {
    const launcher = await house.launch();
    const event = await house.meet(HOUR);
    await house.become(event, { state: 'ready', settled: true });
    await forbid(raise('57014'));
    await house.meet(HOUR, [CHLOE], { eventId: event, subject: HOSTILE });
    await house.become(event, { reason: 'not-plannable', settled: true });
    await expectAlarm(launcher, event, '57014');
    const aged = HOUR + 1_000;
    await house.age(event, aged);
    const other = await house.meet(-1_000);
    await house.become(other, { state: 'running' });
    expect(house.trueconf.control.count('run')).toBe(1);
    expect(await house.row(event)).toMatchObject({ state: 'ready' });
    await permit();
    await house.meet(HOUR - aged, [CHLOE], { eventId: event, subject: HOSTILE });
    await house.become(event, { state: 'running', reason: null });
    await expectNoAlarm(launcher);
  });

  it('is tried alone when it changes again, and fails no batch any more', async () => {
    await forbid(raise('53200'));
    const launcher = await house.launch();
    const hostile = await house.meet(HOUR, [BORIS], { subject: HOSTILE });
    await expect.poll(setAside).toMatchObject([{ failures: 1 }]);
    const failed = () => logged(launcher, 'planner.batch-failed').length;
    const before = failed();
    await house.meet(HOUR, [CHLOE], { eventId: hostile, subject: HOSTILE });
    const later = await house.meet(2 * HOUR);
    await house.become(later, { wanted: 'own' });
    await expect.poll(setAside).toMatchObject([{ event_id: hostile, failures: 2 }]);
    expect(failed()).toBe(before);
    expect(logged(launcher, 'planner.event-set-aside').map(({ level }) => level)).toEqual(['error', 'debug']);
  });

  it('is tried again with growing pauses, by any launcher', async () => {
    await forbid(raise('53200'));
    const first = await house.launch();
    const hostile = await house.meet(HOUR, [BORIS], { subject: HOSTILE });
    await expect.poll(setAside).toMatchObject([{ failures: 1 }]);
    await first.stop();
    const pause = async () => {
      const { rows } = await house.database.query<{ seconds: number }>(
        'SELECT extract(epoch FROM retry_at - clock_timestamp())::integer AS seconds FROM calendar.set_aside_event',
      );
      return rows[0]?.seconds ?? 0;
    };
    const become = 'UPDATE calendar.set_aside_event SET retry_at = now()';
    expect(await pause()).toBeGreaterThan(30);
    expect(await pause()).toBeLessThanOrEqual(60);
    await house.database.query(become);
    const second = await house.launch(1);
    await expect.poll(setAside).toMatchObject([{ failures: 2 }]);
    expect(await pause()).toBeGreaterThan(90);
    expect(await pause()).toBeLessThanOrEqual(120);
    await permit();
    await house.database.query(become);
    await house.become(hostile, { wanted: 'own' });
    await expectNoAlarm(second);
  });

  it('because it takes too long is tried again at once, where it may take longer and holds up no other', async () => {
    await forbid(raise('57014'));
    await house.launch();
    await house.meet(HOUR, [BORIS], { subject: HOSTILE });
    await expect.poll(setAside).toMatchObject([{ failures: 2 }]);
  });

  it('is not kept once it is over', async () => {
    await forbid(raise('57014'));
    const launcher = await house.launch();
    await house.meet(HOUR, [BORIS], { subject: HOSTILE });
    await expect.poll(setAside).toHaveLength(1);
    await house.database.query(
      "UPDATE calendar.event SET start_at = now() - interval '3 hours', end_at = now() - interval '2 hours'",
    );
    await expectNoAlarm(launcher);
  });

  it.each([
    ['shuts down', raise('57P01')],
    ['has too many connections', raise('53300')],
    ['is full', raise('53100')],
    ['waits for a lock of others', raise('55P03')],
    ['finds a deadlock', raise('40P01')],
    ['ends the connection', 'PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10)'],
  ])('because Postgres %s is not set aside: everything is tried again', async (_, failure) => {
    await forbid(failure);
    const launcher = await house.launch();
    const event = await house.meet(HOUR, [BORIS], { subject: HOSTILE });
    await launcher.log.waitFor('loop.failed');
    expect(await setAside()).toEqual([]);
    await permit();
    await house.become(event, { wanted: 'own' });
    expect(logged(launcher, 'planner.event-set-aside')).toEqual([]);
    expect(check(launcher)).toMatchObject({ state: 'ok' });
  });
});
