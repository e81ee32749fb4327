import type { CalendarDatabase, Query } from 'calendar-db/database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestWorker } from 'worker-kit/testing';
import { LauncherHouse } from './testing/launcher-house.ts';
import { FAULTS } from './testing/simulated-trueconf.ts';

/**
 * A launcher dies when it does nothing any more, whatever was under way: every query that it makes from now on stays
 * without effect and without an answer. Its claims are left as they are.
 */
class Death {
  readonly #database: CalendarDatabase;
  readonly #query: CalendarDatabase['query'];
  readonly #unanswered = Promise.withResolvers<never>();
  #isDead = false;
  /** Its loop asks through here by now; what it had asked before is answered. */
  isWatched = false;

  /** @param launcher dies after (or instead of) the first query named `moment` that finds something */
  constructor(launcher: TestWorker, moment: string, when: 'before' | 'after') {
    this.#database = launcher.context.database;
    this.#query = this.#database.query.bind(this.#database) as CalendarDatabase['query'];
    this.#unanswered.promise.catch(() => undefined);
    const query = async (query: Query<unknown, readonly unknown[]>, values: readonly unknown[] = []) => {
      if (this.#isDead) return this.#unanswered.promise;
      if (query.name === CLAIM && values[1] !== null) this.isWatched = true;
      const isMoment = query.name === moment;
      if (isMoment && when === 'before') this.#isDead = true;
      else {
        const result = await this.#query(query, values);
        if (!isMoment || result.rows.length === 0) return this.#isDead ? this.#unanswered.promise : result;
        this.#isDead = true;
      }
      return this.#unanswered.promise;
    };
    Object.assign(this.#database, { query });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Lets it end in peace: what it still wants to write now comes too late. */
  bury(): void {
    Object.assign(this.#database, { query: this.#query });
    this.#unanswered.reject(new Error('the connection broke'));
  }
}

const CLAIM = 'conferences/claim';
const SETTLE = 'conferences/settle';

describe('exactly one creation and one start per life', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  let death: Death | undefined;
  afterEach(async () => {
    death?.bury();
    death = undefined;
    await house.clear();
  });
  afterAll(() => house.close());

  /** The lease of whoever died ends now. */
  const leaseEnds = (event: string) =>
    house.database.query('UPDATE calendar.conference_claim SET lease_until = now() WHERE event_id = $1', [event]);

  const expectOnce = (event: string, cid: string | null) => {
    const all = house.trueconf.all();
    expect(all.map(({ cid: id, starts }) => ({ id, starts }))).toEqual([{ id: cid, starts: 1 }]);
    expect(event).toBeTruthy();
  };

  const dieAt = async (launcher: TestWorker, moment: string, when: 'before' | 'after') => {
    const watched = new Death(launcher, moment, when);
    death = watched;
    await expect
      .poll(async () => {
        await notify();
        return watched.isWatched;
      })
      .toBe(true);
  };

  const notify = () => house.database.query("SELECT pg_notify('calendar_change', '1')");

  /** A meeting whose conference is ready; it is due when `open` is called. */
  const readyMeeting = async () => {
    const first = await house.launch();
    const event = await house.meet(3_600_000);
    const { cid } = await house.become(event, { state: 'ready', settled: true });
    await first.stop();
    return { event, cid, open: () => house.age(event, 3_600_000) };
  };

  it.each([
    ['after the claim of a start, before its request', CLAIM, 'after'],
    ['after the start was answered, before its outcome was written', SETTLE, 'before'],
    ['after its outcome was written', SETTLE, 'after'],
  ] as const)('holds when a launcher dies %s', async (_, moment, when) => {
    const { event, cid, open } = await readyMeeting();
    const mortal = await house.launch();
    await dieAt(mortal, moment, when);
    await open();
    await notify();
    await expect.poll(() => death?.isDead, { timeout: 10_000 }).toBe(true);
    await house.launch();
    await leaseEnds(event);
    await notify();
    await house.become(event, { state: 'running' });
    expectOnce(event, cid);
  });

  it.each([
    ['after the claim of a creation, before its request', CLAIM, 'after'],
    ['after the creation was answered, before its outcome was written', SETTLE, 'before'],
  ] as const)('holds when a launcher dies %s', async (_, moment, when) => {
    const seen = await house.launch();
    // Who everybody is is known, so that the creation is the first thing that a server is claimed for.
    const other = await house.meet(3_600_000);
    await house.become(other, { state: 'ready', settled: true });
    await seen.stop();
    house.trueconf.control.forget();
    await house.database.query('DELETE FROM calendar.conference');
    const mortal = await house.launch();
    await dieAt(mortal, moment, when);
    const event = await house.meet(-1_000);
    await expect.poll(() => death?.isDead, { timeout: 10_000 }).toBe(true);
    await house.launch();
    await expect
      .poll(async () => {
        await house.database.query('UPDATE calendar.conference_claim SET lease_until = NULL WHERE lease_until > now()');
        await notify();
        return (await house.row(event))?.state;
      })
      .toBe('running');
    expect(house.trueconf.all().filter(({ starts }) => starts !== 1)).toEqual(
      house.trueconf.all().filter(({ starts }) => starts === 0),
    );
    const { cid } = await house.become(event, { state: 'running' });
    expect(house.trueconf.all().filter((one) => one.cid === cid)).toMatchObject([{ starts: 1 }]);
  });

  it.each<[string, keyof typeof FAULTS]>([
    ['the connection breaks before the server saw it', 'cut before'],
    ['the connection breaks after the server did it', 'cut after'],
    ['a proxy answers for a server that never saw it', 'proxy error before'],
    ['a proxy answers for a server that did it', 'proxy error after'],
    ['the server refuses it', 'refusal'],
  ])('holds for creation and start when %s', async (_, kind) => {
    // A creation that is refused for good is over; only the start is looked at again.
    if (kind !== 'refusal') house.trueconf.control.addFault({ route: 'create', ...FAULTS[kind] });
    const atStart = house.trueconf.control.addFault({ route: 'run', ...FAULTS[kind] });
    await house.launch();
    const event = await house.meet(-1_000);
    const { cid } = await house.become(event, { state: 'running', life: 1 }, 15_000);
    expect(atStart.hits).toBe(1);
    expectOnce(event, cid);
  });

  it('looks first when the outcome of a start was never seen, and starts nothing that is over', async () => {
    const { event, cid, open } = await readyMeeting();
    const mortal = await house.launch();
    await dieAt(mortal, SETTLE, 'before');
    await open();
    await notify();
    await expect.poll(() => death?.isDead, { timeout: 10_000 }).toBe(true);
    // It ran, people left, and only then somebody takes over.
    house.trueconf.control.stopConference(cid ?? '');
    await house.database.query(
      "UPDATE calendar.conference_claim SET lease_until = now(), requested_at = requested_at - interval '4 minutes' WHERE event_id = $1",
      [event],
    );
    await house.launch();
    await house.become(event, { state: 'ended' });
    expectOnce(event, cid);
  });

  it('holds when three launchers want the same twelve starts', async () => {
    const launchers = await Promise.all([house.launch(0), house.launch(1), house.launch(2)]);
    const events: string[] = [];
    for (let n = 0; n < 12; n++) events.push(await house.meet(1_500));
    for (const event of events) await house.become(event, { state: 'running' });
    const all = house.trueconf.all();
    expect(all).toHaveLength(12);
    expect(all.every(({ starts }) => starts === 1)).toBe(true);
    expect(house.trueconf.control.count('create')).toBe(12);
    expect(house.trueconf.control.count('run')).toBe(12);
    expect(launchers).toHaveLength(3);
  });
});
