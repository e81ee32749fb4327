import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallSlots } from './call-slots.ts';
import { loadAddon } from './gssapi.ts';
import { GssapiMissingError } from './gssapi-error.ts';

describe('the addon', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gssapi-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('that is not part of a build is named, with what to do', () => {
    const file = join(folder, 'none.node');
    expect(() => loadAddon(file)).toThrow(GssapiMissingError);
    expect(() => loadAddon(file)).toThrow(/this build has no Kerberos addon .*none\.node.*pnpm run build-kerberos/);
  });

  it('that cannot be loaded is named, with the library that it may lack', () => {
    const file = join(folder, 'broken.node');
    writeFileSync(file, 'no library');
    expect(() => loadAddon(file)).toThrow(GssapiMissingError);
    expect(() => loadAddon(file)).toThrow(/cannot be loaded .*libgssapi-krb5-2/);
  });
});

describe('CallSlots', () => {
  const never = new AbortController().signal;

  it('lets so many calls run at a time, the others in the order of their coming', async () => {
    const slots = new CallSlots(2);
    const started: number[] = [];
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
    const calls = ends.map(({ promise }, n) =>
      slots.run(never, () => {
        started.push(n);
        return promise;
      }),
    );
    await expect.poll(() => started).toEqual([0, 1]);
    ends[1]!.resolve(1);
    await expect.poll(() => started).toEqual([0, 1, 2]);
    for (const { resolve } of ends) resolve(7);
    expect(await Promise.all(calls)).toEqual([7, 1, 7, 7]);
  });

  it('lets a call go that is given up, and keeps its slot until it ends', async () => {
    const slots = new CallSlots(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const aborter = new AbortController();
    const given = slots.run(aborter.signal, () => promise);
    let began = false;
    const next = slots.run(never, async () => {
      began = true;
    });
    aborter.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    expect(began).toBe(false);
    resolve();
    await next;
    expect(began).toBe(true);
  });

  it('goes on after a call that fails, and never begins one that was given up while it waited', async () => {
    const slots = new CallSlots(1);
    const { promise, reject } = Promise.withResolvers<void>();
    const failing = slots.run(never, () => promise);
    const aborter = new AbortController();
    const waiting = slots.run(aborter.signal, () => Promise.reject(new Error('must not begin')));
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    reject(new Error('failed'));
    await expect(failing).rejects.toThrow('failed');
    expect(await slots.run(never, async () => 'next')).toBe('next');
  });
});
