import type { ConnectorConfig, TrueConfServerConfig } from 'connector-config';
import { beforeEach, describe, expect, it } from 'vitest';
import { CapturedLog } from 'worker-kit/testing';
import type { ServerSet } from './server-set.ts';
import { TrueConfServers } from './trueconf-servers.ts';

type Sections = Pick<ConnectorConfig, 'trueconfServers' | 'productWhitelist'>;

const sections = (...serverIds: string[]) =>
  ({
    trueconfServers: serverIds.map((serverId) => ({ serverId, url: `https://${serverId}`, users: {} })),
    productWhitelist: { tcs: serverIds },
  }) as unknown as Sections;

describe('TrueConfServers', () => {
  let opened: number;
  /** Numbers of the clients that were closed, in order. */
  let closed: number[];
  let log: CapturedLog;
  let servers: TrueConfServers;
  beforeEach(() => {
    opened = 0;
    closed = [];
    log = new CapturedLog();
    servers = new TrueConfServers(({ serverId }: TrueConfServerConfig) => {
      if (serverId === 'broken.example') throw new Error('its secret was encrypted with another key');
      const number = ++opened;
      return {
        verifyPassword: async () => null,
        findUsersByEmail: async () => [],
        getUser: async () => null,
        close: async () => {
          closed.push(number);
        },
      };
    }, log.logger());
    servers.prepare(sections('conf.example'))();
  });

  /** A sign-in that goes on until it is ended. */
  function signIn() {
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    let given: ServerSet | undefined;
    const ended = servers.use(async (set) => {
      given = set;
      await held;
    });
    return { end, ended, servers: () => given };
  }

  it('close clients that a reload replaced, and those alone, when the last sign-in with them has ended', async () => {
    const [first, second] = [signIn(), signIn()];
    servers.prepare(sections('conf.example'))();
    expect(closed).toEqual([]);
    first.end();
    await first.ended;
    expect(closed).toEqual([]);
    second.end();
    await second.ended;
    expect(closed).toEqual([1]);
  });

  it('close replaced clients after a sign-in that failed', async () => {
    let fail: (error: Error) => void = () => undefined;
    const held = new Promise<void>((_resolve, reject) => {
      fail = reject;
    });
    const failing = servers.use(() => held);
    servers.prepare(sections('conf.example'))();
    fail(new Error('the server is away'));
    await expect(failing).rejects.toThrow('away');
    expect(closed).toEqual([1]);
  });

  it('close replaced clients at once when nothing is under way with them', () => {
    servers.prepare(sections('conf.example'))();
    expect(closed).toEqual([1]);
  });

  it('let a sign-in see the servers of its beginning to its end', async () => {
    const one = signIn();
    servers.prepare(sections('other.example'))();
    expect(one.servers()?.byId('conf.example')).toBeDefined();
    expect(servers.current.byId('conf.example')).toBeUndefined();
    one.end();
    await one.ended;
    const next = signIn();
    expect(next.servers()?.byId('other.example')).toBeDefined();
    next.end();
    await next.ended;
  });

  it('change nothing when a prepared configuration is not put to use', () => {
    const before = servers.current;
    servers.prepare(sections('other.example'));
    expect(servers.current).toBe(before);
    expect(closed).toEqual([]);
  });

  it('close everything when the gateway stops, also what is in use', async () => {
    const one = signIn();
    servers.prepare(sections('conf.example'))();
    await servers.close();
    expect(closed.sort()).toEqual([1, 2]);
    one.end();
    await one.ended;
    expect(closed).toHaveLength(2);
    expect(servers.current.all).toEqual([]);
  });

  it('leave out a server that cannot be used, and log it', () => {
    servers.prepare(sections('broken.example', 'conf.example'))();
    expect(servers.current.all.map(({ config }) => config.serverId)).toEqual(['conf.example']);
    expect(log.events()).toContain('sign-in.server-unusable');
  });
});
