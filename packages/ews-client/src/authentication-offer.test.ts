import { expect, test } from 'vitest';
import { offeredSchemes } from './authentication-offer.ts';

test.each([
  [undefined, []],
  ['Basic realm="exchange"', ['Basic']],
  [
    ['Negotiate', 'NTLM'],
    ['Negotiate', 'NTLM'],
  ],
  ['Negotiate, NTLM, Basic realm="a, NTLM b", charset="UTF-8"', ['Negotiate', 'NTLM', 'Basic']],
  [
    ['Bearer client_id="x", trusted_issuers="y@*", authorization_uri="https://z"', 'NTLM'],
    ['Bearer', 'NTLM'],
  ],
  ['NTLM TlRMTVNTUAACAAAA', ['NTLM']],
])('%j offers %j', (header, schemes) => {
  expect(offeredSchemes(header as string | string[] | undefined)).toEqual(schemes);
});
