import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProviderConfig, SecretKey } from 'connector-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kerberosLeftOut, signInsOf } from './provider-sign-ins.ts';

const EWS = 'https://mail.corp.example/EWS/Exchange.asmx';
const key = SecretKey.generate();
const accounts = ['first', 'second'].map((login) => ({ login, password: { reveal: () => `password of ${login}` } }));

let folder: string;
let keytab: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sign-ins-'));
  keytab = join(folder, 'calendar.keytab');
  writeFileSync(keytab, 'keys');
});
afterAll(() => rmSync(folder, { recursive: true }));

function provider(changes: Record<string, unknown>): ProviderConfig {
  const kerberos = { principal: 'svc@CORP.EXAMPLE', keytab, service: 'HTTP/exchange.corp.example' };
  return {
    host: 'mail.corp.example',
    auth: 'auto',
    credentials: [],
    kerberos,
    ...changes,
  } as unknown as ProviderConfig;
}

const here = () => null;
const nowhere = () => 'the addon is missing';

describe('what signs in', () => {
  it('is the principal of the keytab alone, and no password, where auth is kerberos', () => {
    const [one, ...others] = signInsOf(provider({ auth: 'kerberos', credentials: accounts }), key, here);
    expect(others).toEqual([]);
    expect(one?.login).toBe('svc@CORP.EXAMPLE');
    const kerberos = { principal: 'svc@CORP.EXAMPLE', keytab, service: 'HTTP/exchange.corp.example' };
    expect(one?.optionsFor(EWS)).toEqual({ auth: 'kerberos', kerberos });
  });

  it('is with auto the keytab in the place of the first account, which the client falls back to, and the others', () => {
    const [one, two, ...others] = signInsOf(provider({ credentials: accounts }), key, here);
    expect([one?.login, two?.login, others.length]).toEqual(['svc@CORP.EXAMPLE', 'second', 0]);
    const own = { auth: 'auto', login: 'first', password: 'password of first' };
    expect(one?.optionsFor(EWS)).toMatchObject({ ...own, kerberos: { keytab } });
    expect(two?.optionsFor(EWS)).toEqual({ auth: 'auto', login: 'second', password: 'password of second' });
  });

  it('are with auto the accounts alone where Kerberos is not to be had, and why is told', () => {
    const both = provider({ credentials: accounts });
    expect(signInsOf(both, key, nowhere).map(({ login }) => login)).toEqual(['first', 'second']);
    expect(kerberosLeftOut(both, nowhere)).toBe('the addon is missing');
    expect(kerberosLeftOut(both, here)).toBeNull();
    expect(kerberosLeftOut(provider({}), nowhere)).toBeNull();
    expect(signInsOf(provider({}), key, nowhere).map(({ login }) => login)).toEqual(['svc@CORP.EXAMPLE']);
  });

  it('are the accounts as ever without a keytab, and where auth asks for a password', () => {
    for (const changes of [{ kerberos: undefined }, { auth: 'ntlm' }, { auth: 'basic' }]) {
      const signIns = signInsOf(provider({ credentials: accounts, ...changes }), key, here);
      expect(signIns.map(({ login }) => login)).toEqual(['first', 'second']);
      expect(signIns[0]?.optionsFor(EWS).kerberos).toBeUndefined();
    }
  });

  it('names the configured service at the provider’s own host, and at another one that host', () => {
    const [one] = signInsOf(provider({ auth: 'kerberos' }), key, here);
    const serviceAt = (url: string) => one?.optionsFor(url).kerberos?.service;
    expect(serviceAt(EWS)).toBe('HTTP/exchange.corp.example');
    expect(serviceAt('https://MAIL.corp.example:444/autodiscover/autodiscover.svc')).toBe('HTTP/exchange.corp.example');
    expect(serviceAt('https://site2.corp.example/EWS/Exchange.asmx')).toBeUndefined();
  });

  it('counts as another secret once the keytab was replaced', () => {
    const print = () => signInsOf(provider({ auth: 'kerberos' }), key, here)[0]?.fingerprint;
    const before = print();
    expect(print()).toBe(before);
    writeFileSync(keytab, 'other keys');
    expect(print()).not.toBe(before);
  });

  it('is a mistake of the config where the keytab cannot be read', () => {
    const kerberos = { principal: 'svc@CORP.EXAMPLE', keytab: join(folder, 'none.keytab') };
    const signIn = () => signInsOf(provider({ auth: 'kerberos', kerberos }), key, here);
    expect(signIn).toThrow(expect.objectContaining({ code: 'provider-keytab-unreadable' }));
    expect(signIn).toThrow(/none\.keytab cannot be read by this user \(ENOENT\)/);
  });
});
