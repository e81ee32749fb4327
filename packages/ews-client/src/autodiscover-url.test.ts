import { expect, test } from 'vitest';
import { autodiscoverUrl } from './autodiscover-url.ts';

test.each([
  ['https://mail.corp.example/EWS/Exchange.asmx', 'https://mail.corp.example/autodiscover/autodiscover.svc'],
  [
    'https://Mail.Corp.Example:8443/ews/exchange.asmx?a=1#b',
    'https://mail.corp.example:8443/autodiscover/autodiscover.svc',
  ],
  ['http://[::1]:80/', 'http://[::1]/autodiscover/autodiscover.svc'],
])('the Autodiscover of %s is %s', (ewsUrl, url) => {
  expect(autodiscoverUrl(ewsUrl)).toBe(url);
});

test.each(['mail.corp.example', 'ldap://mail.corp.example/', 'https://svc:p4ss@mail.corp.example/'])(
  'there is none of %s, and the error does not tell it',
  (ewsUrl) => {
    expect(() => autodiscoverUrl(ewsUrl)).toThrow(
      expect.objectContaining({ code: 'ews-bad-options', message: expect.not.stringContaining('corp') }),
    );
  },
);
