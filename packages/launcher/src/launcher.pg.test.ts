import { sampleAttendee, sampleOccurrence, saveToMailbox } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANNA, BORIS, CHLOE, LauncherHouse } from './testing/launcher-house.ts';
import { FAULTS, userOf } from './testing/simulated-trueconf.ts';

const HOUR = 3_600_000;
/** A busy machine creates a conference in this time, before its start is due. */
const LEAD_MS = 4_000;

describe('a launcher', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  afterEach(async () => {
    await house.clear();
    house.configure({ conferences: { safetyPollMs: 0 }, launchConference: true, temporalConfParticipantsMode: false });
  });
  afterAll(() => house.close());

  const only = () => {
    expect(house.trueconf.all()).toHaveLength(1);
    return house.trueconf.all()[0]!;
  };

  it('makes a conference ahead of a meeting and starts it on time, its people on the list', async () => {
    await house.launch();
    const event = await house.meet(LEAD_MS, [BORIS, CHLOE]);
    const { cid, url } = await house.become(event, { state: 'ready', wanted: 'own', settled: true });
    expect(cid).toMatch(/^[0-9a-z]{20}$/u);
    expect(url).toBe(`${house.trueconf.url}/c/${cid}`);
    expect(only()).toMatchObject({ state: 'stopped', invitations: ['anna', 'boris', 'chloe'] });
    await house.become(event, { state: 'running' });
    expect(only()).toMatchObject({ state: 'running', starts: 1, rings: ['anna', 'boris', 'chloe'] });
    expect(only()).toMatchObject({
      topic: 'Planning',
      owner: 'anna',
      schedule: { type: 'none' },
      auto_invite: 1,
    });
    const run = (await house.log(event)).find(({ action }) => action === 'run');
    expect(run).toMatchObject({ state: 'running', attempt: 1, life: 1, cid });
    expect(run?.latenessMs).toBeGreaterThanOrEqual(0);
    expect(run?.requestedAt?.getTime()).toBeGreaterThanOrEqual(run?.dueAt?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it('starts a meeting that is entered when it has already begun', async () => {
    await house.launch();
    const event = await house.meet(-60_000);
    await house.become(event, { state: 'running' });
    expect(only().starts).toBe(1);
  });

  it('never starts what began before launchers were first allowed to start anything', async () => {
    await house.database.query('UPDATE calendar.meta SET launching_since = NULL');
    const event = await house.meet(-60_000);
    await house.launch();
    await house.become(event, { wanted: 'none', reason: 'before-activation' });
    expect(house.trueconf.asked().filter(({ route }) => route !== 'users')).toEqual([]);
  });

  it('calls people right after the start when they are not to stand on the list', async () => {
    house.configure({ temporalConfParticipantsMode: true });
    await house.launch();
    const event = await house.meet(-1_000, [BORIS, CHLOE]);
    await house.become(event, { state: 'running', settled: true });
    expect(only()).toMatchObject({ invitations: ['anna'], rings: ['anna', 'boris', 'chloe'] });
    expect(only()).toMatchObject({ auto_invite: 0 });
  });

  it('makes and shows conferences with launchConference off, and starts none', async () => {
    house.configure({ launchConference: false });
    await house.launch();
    const event = await house.meet(-1_000);
    await house.become(event, { state: 'ready', reason: 'launch-off', settled: true });
    await house.age(event, HOUR);
    await house.become(event, { state: 'ended' });
    expect(house.trueconf.control.count('run')).toBe(0);
  });

  it('does nothing at all in a dry run, and everything once it is over', async () => {
    house.configure({ conferences: { dryRun: true, safetyPollMs: 0 } });
    const launcher = await house.launch();
    const event = await house.meet(HOUR);
    await house.become(event, { state: 'planned', wanted: 'own', reason: 'dry-run' });
    expect(house.trueconf.control.count('create')).toBe(0);
    house.configure({ conferences: { safetyPollMs: 0 } });
    await launcher.worker.reload();
    await house.become(event, { state: 'ready', reason: null });
    expect(house.trueconf.control.count('create')).toBe(1);
  });

  it('changes topic and list when the event changes', async () => {
    await house.launch();
    const event = await house.meet(HOUR, [BORIS]);
    await house.become(event, { state: 'ready', settled: true });
    await house.meet(2 * HOUR, [CHLOE], { eventId: event, subject: 'Planning again' });
    await house.become(event, { state: 'ready', settled: true });
    await expect.poll(() => only().topic).toBe('Planning again');
    await expect.poll(() => only().invitations).toEqual(['anna', 'chloe']);
    expect(house.trueconf.control.count('create')).toBe(1);
  });

  it('starts a moved meeting at its new time only', async () => {
    await house.launch();
    const event = await house.meet(LEAD_MS);
    await house.become(event, { state: 'ready' });
    const before = Date.now();
    await house.meet(LEAD_MS + 1_500, [BORIS], { eventId: event });
    await house.become(event, { state: 'running' });
    const run = house.trueconf.asked().find(({ route }) => route === 'run');
    expect(run?.arrivedAtMs).toBeGreaterThanOrEqual(before + LEAD_MS + 1_490);
    expect(only().starts).toBe(1);
  });

  it('calls an attendee who is added while the conference runs', async () => {
    await house.launch();
    const event = await house.meet(-1_000, [BORIS]);
    await house.become(event, { state: 'running' });
    await house.meet(-1_000, [BORIS, CHLOE], { eventId: event });
    await expect.poll(() => only().rings).toEqual(['anna', 'boris', 'chloe']);
    expect(only().invitations).toContain('chloe');
  });

  it('deletes the conference of a cancelled meeting, and makes another one when the meeting comes back', async () => {
    await house.launch();
    const event = await house.meet(HOUR);
    const { cid } = await house.become(event, { state: 'ready', settled: true });
    await house.meet(HOUR, [BORIS], { eventId: event, isCancelled: true });
    await house.become(event, { state: 'cancelled', cid: null, reason: 'cancelled' });
    expect(house.trueconf.present()).toEqual([]);
    await house.meet(HOUR, [BORIS], { eventId: event });
    const back = await house.become(event, { state: 'ready', life: 2, settled: true });
    expect(back.cid).not.toBe(cid);
    expect((await house.log(event)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['create', 'replan', 'cancel', 'delete', 'revive']),
    );
  });

  it('counts an event that the organizer deleted as cancelled, whatever stale copies say', async () => {
    await house.launch();
    const event = await house.meet(HOUR);
    const copy = sampleOccurrence({
      eventId: event,
      start: new Date(Date.now() + HOUR),
      attendees: [sampleAttendee(BORIS)],
    });
    await saveToMailbox(house.database, BORIS, { occurrences: [copy] });
    await house.become(event, { state: 'ready' });
    await saveToMailbox(house.database, ANNA, { gone: [event] });
    await house.become(event, { state: 'cancelled', reason: 'event-deleted' });
  });

  it('leaves a running conference alone when its meeting is cancelled, and says so', async () => {
    await house.launch();
    const event = await house.meet(-1_000);
    await house.become(event, { state: 'running' });
    await house.meet(-1_000, [BORIS], { eventId: event, isCancelled: true });
    await house.become(event, { state: 'running', wanted: 'none', settled: true });
    expect(only().state).toBe('running');
    expect((await house.log(event)).map(({ reason }) => reason)).toContain('cancelled-while-running');
  });

  it('stops and deletes it when conferences.stopOnCancel says so', async () => {
    house.configure({ conferences: { stopOnCancel: true, safetyPollMs: 0 } });
    await house.launch();
    const event = await house.meet(-1_000);
    await house.become(event, { state: 'running' });
    await house.meet(-1_000, [BORIS], { eventId: event, isCancelled: true });
    await house.become(event, { state: 'cancelled' });
    expect(house.trueconf.control.count('stop')).toBe(1);
    expect(house.trueconf.present()).toEqual([]);
  });

  it('lets a conference outlive its event, and notices when it is over', async () => {
    await house.launch();
    const event = await house.meet(-1_000);
    await house.become(event, { state: 'running' });
    await house.age(event, HOUR);
    await house.become(event, { state: 'running', confirmed: true });
    expect(house.trueconf.control.count('stop')).toBe(0);
    house.trueconf.control.stopConference(only().cid);
    await house.age(event, HOUR);
    await house.become(event, { state: 'ended' });
  });

  it('starts a meeting anew at its new time when it was moved while it ran', async () => {
    await house.launch();
    const event = await house.meet(-1_000);
    await house.become(event, { state: 'running' });
    await house.meet(HOUR, [BORIS], { eventId: event });
    await expect
      .poll(async () => (await house.log(event)).map(({ reason }) => reason))
      .toContain('moved-while-running');
    house.trueconf.control.stopConference(only().cid);
    await house.age(event, 60_000);
    await house.become(event, { state: 'ready', life: 2 });
  });

  it('misses what could not be started in time, and makes another one when the meeting is moved', async () => {
    house.trueconf.control.addFault({ ...FAULTS['proxy error before'], times: null });
    await house.launch();
    const event = await house.meet(-1_000);
    await house.database.query('UPDATE calendar.address_map SET asked_until = NULL');
    house.trueconf.control.clearFaults();
    house.trueconf.control.addFault({ route: 'create', ...FAULTS['proxy error before'], times: null });
    await house.become(event, { state: 'planned', wanted: 'own' }, 15_000);
    await house.age(event, HOUR / 2);
    await house.become(event, { state: 'missed' });
    house.trueconf.control.clearFaults();
    await house.meet(HOUR, [BORIS], { eventId: event });
    await house.become(event, { state: 'ready', life: 2 }, 15_000);
  });

  it('uses the conference of a link: runs the organizer’s own one, shows and leaves anybody else’s', async () => {
    house.trueconf.control.createConference({ id: '1234567890', topic: 'mine', owner: 'anna' });
    house.trueconf.control.createConference({ id: '555', topic: 'his', owner: 'boris' });
    await house.launch();
    const mine = await house.meet(-1_000, [BORIS], { joinLinks: ['https://tiny.example/c/1234567890'] });
    const his = await house.meet(-1_000, [BORIS], { location: 'https://tiny.example/c/555' });
    await house.become(mine, { state: 'running', wanted: 'link', cid: '1234567890' });
    await house.become(his, { state: 'ready', failure: 'link-not-owned', cid: '555' });
    expect(house.trueconf.control.count('create')).toBe(0);
    expect(house.trueconf.all().find((one) => one.cid === '555')).toMatchObject({ starts: 0 });
    await house.meet(-1_000, [BORIS], { eventId: his, isCancelled: true, location: 'https://tiny.example/c/555' });
    await house.become(his, { state: 'cancelled' });
    expect(house.trueconf.present().map((one) => one.cid)).toContain('555');
  });

  it('makes a conference again that vanished from the server, once', async () => {
    await house.launch();
    const event = await house.meet(LEAD_MS);
    const { cid } = await house.become(event, { state: 'ready', settled: true });
    house.trueconf.control.deleteConference(only().cid);
    await house.become(event, { state: 'running', life: 1, cid });
    expect(house.trueconf.control.count('create')).toBe(2);
    expect(house.trueconf.all().map(({ deletedAtMs, starts }) => ({ isGone: deletedAtMs !== null, starts }))).toEqual([
      { isGone: true, starts: 0 },
      { isGone: false, starts: 1 },
    ]);
  });

  it('adopts nothing that is not its own when an id is taken', async () => {
    house.trueconf.control.addFault({ route: 'create', kind: 'uniquenessRace', times: null });
    await house.launch();
    const event = await house.meet(HOUR);
    await house.become(event, { state: 'failed', failure: 'id-taken' });
  });
});

describe('the mapping of addresses', () => {
  let house: LauncherHouse;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    await house.clear();
  });
  afterAll(() => house.close());

  it('plans the events anew that a changed answer touches, also one that a dead launcher left behind', async () => {
    const launcher = await house.launch();
    const event = await house.meet(HOUR, [BORIS, 'dmitri@corp.example']);
    await house.become(event, { state: 'ready', settled: true });
    expect(house.trueconf.all()[0]?.invitations).toEqual(['anna', 'boris']);
    await launcher.stop();
    house.trueconf.control.putUser(userOf('dmitri'));
    await house.database.query(
      "UPDATE calendar.address_map SET trueconf_id = 'dmitri', checked_at = now(), unplanned = true WHERE address = $1",
      ['dmitri@corp.example'],
    );
    await house.launch();
    await expect.poll(() => house.trueconf.all()[0]?.invitations).toEqual(['anna', 'boris', 'dmitri']);
  });
});
