import { describe, expect, it } from 'vitest';
import { trustedEwsUrl } from './trusted-ews-url.ts';

const own = 'https://mail.corp.example/EWS/Exchange.asmx';
const at = (...told: (string | null)[]) => trustedEwsUrl(told, { own, hosts: ['owa.partner.example'] });

describe('trustedEwsUrl', () => {
  it.each([
    ['a host of the same domain', 'https://mail2.corp.example/EWS/Exchange.asmx'],
    ['another port of the same host', 'https://mail.corp.example:8443/EWS/Exchange.asmx'],
    ['a host deeper in the domain', 'https://mail.north.corp.example/EWS/Exchange.asmx'],
    ['a host that is listed', 'https://owa.partner.example/EWS/Exchange.asmx'],
  ])('takes %s', (_what, url) => {
    expect(at(url)).toBe(url);
  });

  it('knows the provider’s own address again, however it is written', () => {
    expect(at('https://MAIL.corp.example:443/ews/exchange.asmx')).toBeNull();
  });

  it('takes the first that may be used', () => {
    expect(at(null, 'https://mail.evil.example/EWS/Exchange.asmx', 'https://cas2.corp.example/EWS/Exchange.asmx')).toBe(
      'https://cas2.corp.example/EWS/Exchange.asmx',
    );
  });

  it.each([
    ['a host of another domain', 'https://mail.evil.example/EWS/Exchange.asmx'],
    ['a domain that only ends alike', 'https://mail.notcorp.example/EWS/Exchange.asmx'],
    ['the domain itself', 'https://corp.example/EWS/Exchange.asmx'],
    ['an address without TLS', 'http://mail2.corp.example/EWS/Exchange.asmx'],
    ['an address with a login', 'https://a:b@mail2.corp.example/EWS/Exchange.asmx'],
    ['an address of another kind', 'file:///etc/passwd'],
    ['no address', 'mail2.corp.example'],
    ['nothing', null],
  ])('sends no password to %s', (_what, url) => {
    expect(at(url)).toBeUndefined();
  });

  it('does not take a whole top domain for a domain', () => {
    const rule = { own: 'https://mail.example/EWS/Exchange.asmx', hosts: [] };
    expect(trustedEwsUrl(['https://evil.example/EWS/Exchange.asmx'], rule)).toBeUndefined();
    expect(
      trustedEwsUrl(['https://10.0.0.2/EWS/Exchange.asmx'], { ...rule, own: 'https://10.0.0.1/EWS' }),
    ).toBeUndefined();
  });

  it('goes on without TLS where the provider has none, as on this machine itself', () => {
    const rule = { own: 'http://127.0.0.1:8080/EWS/Exchange.asmx', hosts: [] };
    expect(trustedEwsUrl(['http://127.0.0.1:8081/EWS/Exchange.asmx'], rule)).toBe(
      'http://127.0.0.1:8081/EWS/Exchange.asmx',
    );
  });
});
