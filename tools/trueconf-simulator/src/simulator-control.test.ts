import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SimulatorControl } from './simulator-control.ts';
import { ApiClient } from './testing/api-client.ts';

let api: ApiClient;
let control: SimulatorControl;
beforeEach(async () => {
  api = await ApiClient.start();
  control = api.simulator.control;
  await api.create({ invitations: [{ id: 'boris' }], auto_invite: 1 });
});
afterEach(() => api.simulator.close());

const run = () => api.call('POST /api/v4/conferences/one/run');

describe('control from the same process', () => {
  test('counts requests by route until the journal is cleared, and tells the counts over HTTP too', async () => {
    await run();
    await run();
    expect([control.count('run'), control.count('create'), control.count('stop')]).toEqual([2, 1, 0]);
    expect((await api.control('GET /state')).json).toMatchObject({ requests: { token: 1, create: 1, run: 2 } });
    control.clearJournal();
    expect([control.count('run'), control.requests()]).toEqual([0, []]);
  });

  test('counts requests whose entries the journal has dropped', async () => {
    const small = await ApiClient.start({ journalSize: 2 });
    try {
      for (let count = 0; count < 5; count++) await small.call('GET /api/v4/conferences/none');
      expect(small.simulator.control.count('get')).toBe(5);
      expect(small.simulator.control.requests().length).toBeLessThan(5);
    } finally {
      await small.simulator.close();
    }
  });

  test('lists requests with what they carried, secrets left out', async () => {
    await api.token({ grant_type: 'password', client_id: 'trueconf_server_users', username: 'anna', password: 'demo' });
    expect(control.requests({ route: 'token' }).map(({ body, status }) => ({ body, status }))).toMatchObject([
      { body: { grant_type: 'client_credentials' }, status: 200 },
      { body: { grant_type: 'password', username: 'anna', password: '***' }, status: 200 },
    ]);
  });

  test('disturbs requests until the fault is removed', async () => {
    const fault = control.addFault({ kind: 'html', status: 503, times: null });
    expect([(await run()).status, (await api.call('GET /api/v4/server')).status, fault.hits]).toEqual([503, 503, 2]);
    control.removeFault(fault.id);
    expect((await run()).status).toBe(200);
    expect(() => control.addFault({ route: 'nonsense' })).toThrow('route has to be');
  });

  test('answers with an error of a proxy for a request that took effect', async () => {
    control.addFault({ route: 'run', kind: 'html', when: 'after' });
    expect((await run()).status).toBe(502);
    expect(control.conferences()).toMatchObject([{ cid: 'one', state: 'running', starts: 1 }]);
  });

  test('acts as other people and shows every conference that there ever was', async () => {
    control.runConference('one');
    control.joinConference('one', ['boris']);
    expect(control.conferences()[0]?.participants).toMatchObject([{ callId: 'boris@conf.example' }]);
    control.stopConference('one');
    control.deleteConference('one');
    control.createConference({ id: 'one', topic: 'Again', owner: 'anna' });
    expect(control.conferences()).toMatchObject([
      { cid: 'one', topic: 'Sprint', starts: 1, deletedAtMs: expect.any(Number) },
      { cid: 'one', topic: 'Again', starts: 0, deletedAtMs: null },
    ]);
    expect(() => control.createConference({ topic: 'Nobody’s', owner: 'nobody' })).toThrow('No such user');
    expect(() => control.stopConference('two')).toThrow('No conference two');
  });

  test('forgets conferences, journal and faults, and keeps users and tokens', async () => {
    control.putUser({ id: 'chloe', password: 'demo' });
    control.addFault({ times: null, kind: 'cut' });
    control.forget();
    expect(control.conferences()).toEqual([]);
    expect((await api.create()).status).toBe(200);
    expect(control.users().map(({ id }) => id)).toEqual(['anna', 'boris', 'chloe']);
    await api.control('POST /forget');
    expect(control.requests()).toEqual([]);
    expect(control.removeUser('chloe')).toBe(true);
  });

  test('changes users and goes away like a server that is switched off', async () => {
    control.putUser({ id: 'anna', password: 'demo', active: false });
    const signIn = { grant_type: 'password', client_id: 'trueconf_server_users', username: 'anna', password: 'demo' };
    expect((await api.token(signIn)).status).toBe(401);
    await control.setOnline(false);
    await expect(run()).rejects.toThrow();
    await control.setOnline(true);
    expect((await run()).status).toBe(200);
    control.revokeTokens();
    expect((await run()).status).toBe(401);
  });
});
