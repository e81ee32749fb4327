import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeLocalConfig } from './parts/config-file.ts';
import { freePort } from './parts/free-port.ts';
import { type LocalPostgres, startLocalPostgres } from './parts/local-postgres.ts';
import { Reporter } from './parts/reporter.ts';
import { startStack } from './stack.ts';

const RUN = join(import.meta.dirname, 'run.ts');

/** What `pnpm start` with these arguments leaves behind. */
async function start(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const child = spawn(process.execPath, ['--conditions=source', RUN, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, lines: stderr.trimEnd().split('\n') };
}

// Whole processes start.
describe('a start that fails', { timeout: 60_000 }, () => {
  let folder: string;
  let config: string;
  let ports: { ws: number; syncWorker: number; wsGateway: number; launcher: number };

  beforeEach(async () => {
    folder = await temporaryFolder();
    config = join(folder, 'config.json');
    const taken = new Set<number>();
    const choose = async () => {
      const port = await somePort(taken);
      taken.add(port);
      return port;
    };
    ports = { ws: await choose(), syncWorker: await choose(), wsGateway: await choose(), launcher: await choose() };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const writeConfig = () =>
    writeLocalConfig(config, {
      database: { host: '127.0.0.1', port: 1, user: 'bridge', password: 'secret', database: 'calendar' },
      ewsUrl: 'http://127.0.0.1:1/EWS/Exchange.asmx',
      trueconfUrl: 'http://127.0.0.1:1',
      trueconfClient: { clientId: 'connector', clientSecret: 'secret' },
      ports,
      pollSeconds: 1,
      safetyPollMs: 0,
    });

  it('names the mistakes of a broken config with file and line', async () => {
    await writeFile(config, '{\n  "wsPort": "x"\n}\n');
    const { code, lines } = await start('--config', config, '--data', folder);
    expect(code).toBe(1);
    expect(lines[0]).toContain('the local stack did not start: ');
    expect(lines.filter((line) => line.includes(`${config}:2: wsPort: found "x"`))).toHaveLength(1);
    expect(lines.filter((line) => !line.includes(`${config}:`))).toEqual([]);
  });

  it('names the port that is taken and the key of the config that chose it', async () => {
    await writeConfig();
    const other = await listenOn(ports.wsGateway);
    const { code, lines } = await start('--config', config, '--data', folder);
    other.close();
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [
        `the local stack did not start: cannot listen on 127.0.0.1:${ports.wsGateway}; end what listens there, ` +
          'or change ops.ports.wsGateway in the config',
      ],
    });
  });

  it('names what a worker logged before it ended, its exit code and its log', async () => {
    await writeConfig();
    await rm(join(folder, 'secret.key'));
    const { code, lines } = await start('--config', config, '--data', folder);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^the local stack did not start: sync-worker ended with 77: .*secret\.key/u);
    expect(lines[0]).toContain(`Its log is ${join(folder, 'logs', 'sync-worker-0.log')}`);
  });
});

describe('a stack on a data folder that it cannot use', () => {
  let folder: string;
  let postgres: LocalPostgres;

  beforeAll(async () => {
    folder = await temporaryFolder();
    postgres = await startLocalPostgres(join(folder, 'postgres'), await somePort());
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (data: string) =>
    startStack({ folder: data, reset: true, seed: false, pollSeconds: 1, safetyPollMs: 0 }, new Reporter(true));

  it('leaves the data of a stack that runs alone, also when it is to forget the data of earlier runs', async () => {
    const data = join(folder, 'postgres', 'data');
    const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    await expect(start(folder)).rejects.toThrow(
      `another local stack uses the folder ${folder} (its Postgres is process ${pid}); ` +
        'end that stack, or take another folder with --data',
    );
    expect(await readFile(join(data, 'PG_VERSION'), 'utf8')).not.toBe('');
  });

  it('names the reason that Postgres gave', async () => {
    await expect(startLocalPostgres(join(folder, 'postgres'), await somePort())).rejects.toThrow(
      /did not start on port \d+: lock file "postmaster\.pid" already exists; Is another postmaster .* --data$/u,
    );
  });

  it('names the folder that it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    const data = join(folder, 'file', 'data');
    await expect(start(data)).rejects.toThrow(
      `cannot write the data folder ${data} (ENOTDIR); take another one with --data`,
    );
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'calendar-failed-start-'));
  // Root's Postgres runs as another user, who must be able to pass.
  await chmod(folder, 0o755);
  return folder;
}

function somePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  return freePort(20_000 + Math.floor(Math.random() * 12_000), taken);
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
