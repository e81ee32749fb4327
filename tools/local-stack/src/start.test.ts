import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe('the entry of pnpm start', () => {
  let repository: string;
  let entry: string;

  beforeEach(async () => {
    repository = await mkdtemp(join(tmpdir(), 'calendar-start-'));
    const source = join(repository, 'tools', 'local-stack', 'src');
    entry = join(source, 'start.mjs');
    await mkdir(source, { recursive: true });
    await cp(join(import.meta.dirname, 'start.mjs'), entry);
    await writeFile(join(source, 'main.ts'), "console.log('started');\n");
    await mkdir(join(repository, 'packages', 'some-worker'), { recursive: true });
    await writeFile(
      join(repository, 'packages', 'some-worker', 'package.json'),
      JSON.stringify({ dependencies: { '@scope/some-library': '1.0.0' } }),
    );
  });
  afterEach(() => rm(repository, { recursive: true, force: true }));

  const start = (...options: string[]) => spawnSync(process.execPath, [...options, entry], { encoding: 'utf8' });
  const install = () =>
    mkdir(join(repository, 'packages', 'some-worker', 'node_modules', '@scope', 'some-library'), { recursive: true });

  it('starts the stack when every dependency of every package is there', async () => {
    await install();
    expect(start()).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
  });

  it('names the package that is not installed and how to install it, and prints no stack', () => {
    expect(start()).toMatchObject({
      status: 1,
      stdout: '',
      stderr:
        'the local stack did not start: @scope/some-library, which packages/some-worker needs, is not installed. ' +
        `Run \`npx --yes pnpm@12 install\` in ${repository}/ and repair what it reports.\n`,
    });
  });

  it('names the Node that it needs when it runs on an older one', async () => {
    await install();
    const older = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})";
    expect(start('--import', older)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^[^\n]*this is Node 20\.20\.2 and the stack needs Node 22\. Run [^\n]*\n$/u),
    });
  });
});
