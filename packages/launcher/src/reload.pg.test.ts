import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestWorker, type TestWorker } from 'worker-kit/testing';
import { launcher } from './launcher.ts';
import { LauncherHouse } from './testing/launcher-house.ts';
import { LAUNCHER_APP } from './testing/simulated-trueconf.ts';

const HOUR = 3_600_000;

describe('a launcher whose configuration is read again', () => {
  let house: LauncherHouse;
  let ca: string;
  /** The same text each time: another one is another secret. */
  let clientSecret: string;
  let launched: TestWorker | undefined;
  /** Called between the preparation of a reload and its commit. */
  let beforeCommit: () => void;
  beforeAll(async () => {
    house = await LauncherHouse.open();
    clientSecret = house.config.encrypt(LAUNCHER_APP.clientSecret);
    ca = join(dirname(house.config.path), 'ca.pem');
  });
  beforeEach(() => {
    beforeCommit = () => undefined;
  });
  afterEach(async () => {
    await launched?.stop();
    launched = undefined;
    await house.clear();
  });
  afterAll(() => house.close());

  const configure = (server: Record<string, unknown>, sections: Record<string, unknown> = {}) => {
    const { serverId, url } = house.trueconf;
    const trueconfServers = [{ serverId, url, clientId: LAUNCHER_APP.clientId, clientSecret, ...server }];
    house.configure({ trueconfServers, ...sections });
  };
  const start = async () => {
    const definition = launcher();
    const pausing: typeof definition.start = async (context) => {
      const { services, prepareReload } = await definition.start(context);
      return {
        services,
        prepareReload: async (next) => {
          const commit = await prepareReload(next);
          beforeCommit();
          return commit;
        },
      };
    };
    launched = startTestWorker({ ...definition, start: pausing }, house.config);
    await launched.log.waitFor('worker.started');
    return launched;
  };
  const makesConferences = async () => house.become(await house.meet(HOUR), { state: 'ready', settled: true });
  const tokens = () => house.trueconf.control.requests().filter(({ route }) => route === 'token').length;

  it('takes over a server whose certificate file vanishes before the commit', async () => {
    configure({});
    const { worker, log } = await start();
    writeFileSync(ca, 'certificates');
    configure({ tls: { ca } });
    beforeCommit = () => rmSync(ca);
    await worker.reload();
    expect(log.events()).toContain('config.reloaded');
    await makesConferences();
  });

  it('goes on with what it has when the certificates of a changed configuration cannot be read', async () => {
    configure({});
    const { worker, log } = await start();
    configure({ tls: { ca: '/nowhere/ca.pem' } });
    await worker.reload();
    const refused = await log.waitFor('config.refused');
    expect(refused.message).toContain('/nowhere/ca.pem');
    await makesConferences();
  });

  it('ends when the certificates cannot be read at its start', async () => {
    configure({ tls: { ca: '/nowhere/ca.pem' } });
    const { ended } = startTestWorker(launcher(), house.config);
    await expect(ended).rejects.toThrow('/nowhere/ca.pem');
  });

  it('connects again when a reload finds other certificates in the same file, and only then', async () => {
    writeFileSync(ca, 'certificates');
    configure({ tls: { ca } }, { temporalConfParticipantsMode: false });
    const { worker } = await start();
    await makesConferences();
    expect(tokens()).toBe(1);
    configure({ tls: { ca } }, { temporalConfParticipantsMode: true });
    await worker.reload();
    await makesConferences();
    expect(tokens()).toBe(1);
    writeFileSync(ca, 'other certificates');
    configure({ tls: { ca } }, { temporalConfParticipantsMode: false });
    await worker.reload();
    await makesConferences();
    expect(tokens()).toBe(2);
  });
});
