import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildWorker, spawnWorker, type TestConfig, writeTestConfig } from './testing/index.ts';

const main = new URL('testing/fixture-main.ts', import.meta.url);

describe('a worker’s process', () => {
  let db: TestDatabase;
  let config: TestConfig;
  const start = (env: NodeJS.ProcessEnv = {}, args = ['--config', config.path]): ChildWorker =>
    spawnWorker(main, { args, env });

  beforeAll(async () => {
    db = await createTestDatabase();
    config = await writeTestConfig(db.options);
  });
  afterAll(async () => {
    config.remove();
    await db.drop();
  });

  it('hands back its work on SIGTERM and ends with 0, its log JSON from the first to the last line', async () => {
    await using child = start();
    await child.log.waitFor('worker.ready');
    expect(await child.stop()).toEqual({ code: 0, signal: null });
    expect(child.log.events()).toEqual(
      expect.arrayContaining(['fixture.draining', 'fixture.drained', 'worker.stopped']),
    );
    expect(child.log.events()).not.toContain('stdout');
    expect(child.stderr).toEqual([]);
    expect(child.log.entries.every((entry) => entry.worker === 'launcher' && entry.time !== undefined)).toBe(true);
  });

  it('drops what it holds on a second signal and ends by that signal', async () => {
    await using child = start({ FIXTURE: 'stuck' });
    await child.log.waitFor('worker.ready');
    child.kill('SIGINT');
    await child.log.waitFor('fixture.draining');
    child.kill('SIGINT');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGINT' });
    expect(child.log.events()).toContain('worker.aborted');
    const { rows } = await db.database.query('SELECT pid FROM calendar.worker WHERE pid = $1', [child.pid]);
    expect(rows).toEqual([]);
  });

  it('ends gracefully when the reader of its output goes away', async () => {
    await using child = start();
    await child.log.waitFor('worker.ready');
    child.closeOutput();
    // Makes it write something, which is how it finds out.
    child.kill('SIGHUP');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('writes one fatal entry and ends with 1 when it has a defect', async () => {
    await using child = start({ FIXTURE: 'throws' });
    expect(await child.exited).toEqual({ code: 1, signal: null });
    const fatal = child.log.entries.filter(({ level }) => level === 'fatal');
    expect(fatal).toMatchObject([
      { event: 'worker.crashed', error: { code: 'SyntaxError', stack: expect.any(String) } },
    ]);
    expect(child.stderr).toEqual([]);
  });

  it('refuses the schema of a development build from before the baseline with 57', async () => {
    const past = await createTestDatabase();
    await past.database.query("UPDATE calendar.schema_version SET name = 'meta' WHERE version = 1");
    const given = await writeTestConfig(past.options);
    await using child = start({}, ['--config', given.path]);
    expect(await child.exited).toEqual({ code: 57, signal: null });
    expect(child.log.entries.filter(({ level }) => level === 'fatal')).toMatchObject([
      { event: 'schema-before-baseline', message: expect.stringContaining('DROP SCHEMA calendar CASCADE') },
    ]);
    given.remove();
    await past.drop();
  });

  it('refuses a newer breaking schema with 57', async () => {
    const future = await createTestDatabase();
    await future.database.query("INSERT INTO calendar.schema_version (version, name) VALUES (9999, 'from the future')");
    await future.database.query('UPDATE calendar.meta SET breaking_version = 9999');
    const given = await writeTestConfig(future.options);
    await using child = start({}, ['--config', given.path]);
    expect(await child.exited).toEqual({ code: 57, signal: null });
    expect(child.log.entries.filter(({ level }) => level === 'fatal')).toMatchObject([
      { event: 'schema-newer', message: expect.stringContaining('install the newer build') },
    ]);
    given.remove();
    await future.drop();
  });

  it('says each mistake of the config in a line of its own and ends with 78', async () => {
    const wrong = await writeTestConfig(db.options, { wsPort: 'x', launchConference: 3 });
    await using child = start({}, ['--config', wrong.path]);
    expect(await child.exited).toEqual({ code: 78, signal: null });
    expect(child.log.entries.map(({ message }) => message)).toEqual([
      expect.stringContaining('wsPort'),
      expect.stringContaining('launchConference'),
    ]);
    wrong.remove();
  });

  it('ends with 77 when the key file is missing, and never makes one', async () => {
    const keyless = await writeTestConfig(db.options);
    const keyPath = join(keyless.folder, 'secret.key');
    rmSync(keyPath);
    await using child = start({ HOME: keyless.folder, XDG_CONFIG_HOME: '' }, ['--config', keyless.path]);
    expect(await child.exited).toEqual({ code: 77, signal: null });
    expect(child.log.entries.filter(({ level }) => level === 'fatal')).toMatchObject([{ event: 'key-missing' }]);
    expect(() => readFileSync(keyPath)).toThrow('ENOENT');
    keyless.remove();
  });
});

describe('a worker under systemd', () => {
  let db: TestDatabase;
  let config: TestConfig;
  beforeAll(async () => {
    db = await createTestDatabase();
    config = await writeTestConfig(db.options);
  });
  afterAll(async () => {
    config.remove();
    await db.drop();
  });

  it('tells systemd how it is and answers its watchdog', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'calendar-systemd-'));
    const told = join(folder, 'told');
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\nprintf '%s\\n' "$@" >> ${told}\n`, { mode: 0o755 });
    const systemd = { NOTIFY_SOCKET: '/run/nowhere', WATCHDOG_USEC: '200000', PATH: `${folder}:${process.env.PATH}` };
    await using child = spawnWorker(main, { args: ['--config', config.path], env: systemd });
    const lines = () => readFileSync(told, { encoding: 'utf8', flag: 'a+' }).split('\n');
    await expect
      .poll(() => lines().filter((line) => line === 'WATCHDOG=1').length, { timeout: 15_000 })
      .toBeGreaterThan(2);
    await expect.poll(lines, { timeout: 15_000 }).toContain('STATUS=ready');
    expect(lines()).toContain('READY=1');
    await child.stop();
    expect(lines()).toContain('STOPPING=1');
    rmSync(folder, { recursive: true });
  });
});
