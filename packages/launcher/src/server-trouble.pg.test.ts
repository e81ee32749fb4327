import { countOverdueStarts } from 'calendar-db/conferences';
import { sampleAttendee, sampleOccurrence, saveToMailbox } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANNA, BORIS, CHLOE, LauncherHouse } from './testing/launcher-house.ts';
import { FAULTS, LAUNCHER_APP, startTrueConf, type TrueConf } from './testing/simulated-trueconf.ts';

const HOUR = 3_600_000;

describe('a launcher in trouble', () => {
  let house: LauncherHouse;
  let second: TrueConf;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    second = await startTrueConf('two.example', ['chloe']);
    house.trueconf.control.removeUser('chloe');
    const server = (serverId: string, url: string) => ({
      ...{
        serverId,
        url,
        clientId: LAUNCHER_APP.clientId,
        clientSecret: house.config.encrypt(LAUNCHER_APP.clientSecret),
      },
    });
    const servers = [server('tiny.example', house.trueconf.url), server('two.example', second.url)];
    house.configure({
      trueconfServers: servers,
      productWhitelist: { tcs: ['tiny.example#vcs', 'two.example', 'three.example'] },
    });
    await house.clear();
  });
  afterEach(async () => {
    second.control.forget();
    await house.clear();
  });
  afterAll(async () => {
    await house.close();
    await second.close();
  });

  const chloesMeeting = async () => {
    const start = new Date(Date.now() - 1_000);
    const occurrence = sampleOccurrence({
      start,
      organizer: { address: CHLOE, name: 'Chloe' },
      attendees: [sampleAttendee(ANNA)],
    });
    await saveToMailbox(house.database, CHLOE, { occurrences: [occurrence] });
    return occurrence.eventId;
  };

  it('tells once that a server is away, goes on with the others, and makes up for the starts', async () => {
    const launcher = await house.launch();
    const known = await house.meet(HOUR, [BORIS]);
    await house.become(known, { state: 'ready', settled: true });
    const hers = await chloesMeeting();
    await house.become(hers, { state: 'running' });
    await house.meet(HOUR, [BORIS], { eventId: known });
    house.trueconf.control.addFault({ ...FAULTS['proxy error before'], times: null });
    const event = await house.meet(-1_000, [BORIS]);
    const again = await chloesMeeting();
    await launcher.log.waitFor('trueconf.server-away');
    await house.become(again, { state: 'running' });
    expect(launcher.context.health.report()).toMatchObject({ checks: { trueconf: { state: 'degraded' } } });
    expect((await house.row(event))?.state).toBe('planned');
    house.trueconf.control.clearFaults();
    await house.become(event, { state: 'running' }, 15_000);
    await launcher.log.waitFor('trueconf.server-back');
    expect(launcher.log.events().filter((name) => name === 'trueconf.server-away')).toHaveLength(1);
    expect(house.trueconf.present().filter(({ starts }) => starts > 0)).toHaveLength(1);
  });

  it('names a whitelisted server that it knows nothing about', async () => {
    const launcher = await house.launch();
    const warning = await launcher.log.waitFor('launcher.server-not-configured');
    expect(warning.message).toContain('three.example');
    const event = await house.meet(HOUR, [BORIS], { joinLinks: ['https://three.example/c/1'] });
    await house.become(event, { wanted: 'none', reason: 'server-not-configured' });
  });

  it('counts a start as overdue while nobody takes it, and makes up for it as soon as somebody does', async () => {
    const launcher = await house.launch();
    const event = await house.meet(HOUR, [BORIS]);
    await house.become(event, { state: 'ready', settled: true });
    await launcher.stop();
    await house.age(event, HOUR + 60_000);
    expect(await countOverdueStarts(house.database, [], 5_000)).toBe(1);
    expect(await countOverdueStarts(house.database, ['tiny.example'], 5_000)).toBe(0);
    await house.launch();
    await house.become(event, { state: 'running' });
  });
});

describe('planners and writers', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  afterAll(() => house.close());

  it('never wait for each other in a circle, and nothing is left unplanned', async () => {
    const launchers = await Promise.all([house.launch(0), house.launch(1)]);
    const names = Array.from({ length: 6 }, (_, index) => `writer${index}@corp.example`);
    const soon = new Date(Date.now() + 2 * HOUR);
    const shared = Array.from({ length: 10 }, () => sampleOccurrence({ start: soon }));
    const write = async (address: string) => {
      for (let round = 0; round < 6; round++) {
        const occurrences = shared.map((one) => ({
          ...one,
          start: new Date(one.start.getTime() + round * 60_000),
          attendees: names.map((name) => sampleAttendee(name)),
        }));
        // Each writer goes through them in an order of its own.
        if (names.indexOf(address) % 2 === 1) occurrences.reverse();
        await saveToMailbox(house.database, address, { occurrences });
      }
    };
    await Promise.all([ANNA, ...names].map(write));
    const last = soon.getTime() + 5 * 60_000;
    for (const { eventId } of shared) {
      await expect
        .poll(
          async () => {
            const query = 'SELECT starts_at AS at, state FROM calendar.conference WHERE event_id = $1';
            const { rows } = await house.database.query<{ at: Date; state: string }>(query, [eventId]);
            return { state: rows[0]?.state, isLast: rows[0]?.at.getTime() === last };
          },
          { timeout: 15_000 },
        )
        .toEqual({ state: 'ready', isLast: true });
    }
    expect(house.trueconf.control.count('create')).toBe(10);
    const failures = launchers.flatMap(({ log }) => log.events().filter((name) => name === 'loop.failed'));
    expect(failures).toEqual([]);
  });
});
