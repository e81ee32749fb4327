import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeLocalConfig } from './parts/config-file.ts';
import { freePort } from './parts/free-port.ts';
import { startLocalPostgres } from './parts/local-postgres.ts';

const RUN = join(import.meta.dirname, 'run.ts');

/** What `pnpm start` with these arguments leaves behind. */
async function start(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const child = spawn(process.execPath, ['--conditions=source', RUN, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, lines: stderr.trimEnd().split('\n') };
}

// Some of them make a Postgres.
describe('a start that fails', { timeout: 60_000 }, () => {
  let folder: string;
  let config: string;
  let ports: { ws: number; syncWorker: number; wsGateway: number; launcher: number };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'calendar-failed-start-'));
    // Root's Postgres runs as another user, who must be able to pass.
    await chmod(folder, 0o755);
    config = join(folder, 'config.json');
    const taken = new Set<number>();
    const choose = async () => {
      const port = await freePort(20_000 + Math.floor(Math.random() * 12_000), taken);
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

  it('names the reason that Postgres gave', async () => {
    const postgres = await startLocalPostgres(join(folder, 'postgres'), ports.ws);
    await postgres.stop();
    await writeFile(join(folder, 'postgres', 'data', 'postgresql.conf'), 'broken = = line\n');
    const { code, lines } = await start('--json', '--data', folder);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^the local stack did not start: Postgres .* syntax error in file .* line 1.*--reset/u);
  });

  it('keeps the data of another stack that runs, also with --reset', async () => {
    const postgres = await startLocalPostgres(join(folder, 'postgres'), ports.ws);
    const [pid] = (await readFile(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
    const { code, lines } = await start('--json', '--reset', '--data', folder);
    const kept = await readFile(join(folder, 'postgres', 'data', 'PG_VERSION'), 'utf8').finally(() => postgres.stop());
    expect(kept).not.toBe('');
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [
        `the local stack did not start: another local stack uses the folder ${folder} (its Postgres is process ${pid}); ` +
          'end that stack, or take another folder with --data',
      ],
    });
  });

  it('names the data folder that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const data = join(folder, 'file', 'data');
    expect(await start('--json', '--data', data)).toEqual({
      code: 1,
      lines: [
        `the local stack did not start: cannot write the data folder ${data} (ENOTDIR); take another one with --data`,
      ],
    });
  });
});

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
