import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from './journal.ts';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import { getFolder } from './testing/requests.ts';
import { soap } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startCompany();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await control(simulator, 'PATCH', '/settings', {
    authOffers: ['Basic realm="x"', 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000"'],
    lockoutThreshold: 0,
    tokenAudience: null,
  });
  await control(simulator, 'PUT', '/clock', { offsetMs: 0 });
  for (const login of ['svc', 'anna']) {
    await control(simulator, 'PATCH', `/accounts/${login}`, { locked: false, disabled: false });
  }
});

const status = async (login: string) => (await soap(simulator, getFolder(), { as: null, login })).status;
const tokenRequest = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(simulator.tokenUrl, { method: 'POST', body: new URLSearchParams(form), headers });
const svc = {
  grant_type: 'client_credentials',
  client_id: 'svc',
  client_secret: 'secret',
  scope: 'https://exchange.corp.example/.default',
};
const withToken = (token: string) =>
  soap(simulator, getFolder(), { login: null, headers: { authorization: `Bearer ${token}` } });

async function token(): Promise<string> {
  const reply = (await (await tokenRequest(svc)).json()) as { access_token: string; expires_in: number };
  expect(reply).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  return reply.access_token;
}

test('so many wrong passwords in a row lock an account, and then the right one is refused too', async () => {
  await control(simulator, 'PATCH', '/settings', { lockoutThreshold: 3 });
  expect([await status('anna:no'), await status('anna:no'), await status('anna:demo')]).toEqual([401, 401, 200]);
  expect([await status('anna:no'), await status('anna:no'), await status('anna:no')]).toEqual([401, 401, 401]);
  expect(await status('anna:demo')).toBe(401);
  const facts = await control<object[]>(simulator, 'GET', '/accounts');
  expect(facts.json).toContainEqual(expect.objectContaining({ login: 'anna', locked: true, badPasswords: 3 }));
  await control(simulator, 'PATCH', '/accounts/anna', { locked: false });
  expect(await status('anna:demo')).toBe(200);
});

test('the journal tells what became of each login', async () => {
  await control(simulator, 'DELETE', '/journal');
  await status('anna:demo');
  await status('anna:no');
  await soap(simulator, getFolder(), { login: null });
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ authForm, login, account }) => [authForm, login, account])).toEqual([
    ['basic', 'accepted', 'anna'],
    ['basic', 'refused', 'anna'],
    ['none', 'none', undefined],
  ]);
});

test('a token lets its client in until it expires, is revoked, or is for something else', async () => {
  const given = await token();
  expect((await withToken(given)).status).toBe(200);
  await control(simulator, 'PATCH', '/settings', { tokenAudience: 'https://other.example/' });
  const foreign = await withToken(given);
  expect([foreign.status, foreign.headers.get('x-ms-diagnostics')]).toEqual([
    401,
    expect.stringMatching(/^2000003;.*error_category="invalid_resource"$/),
  ]);
  await control(simulator, 'PATCH', '/settings', { tokenAudience: null });
  await control(simulator, 'PUT', '/clock', { offsetMs: 3_600_000 });
  const expired = await withToken(given);
  expect([expired.status, expired.headers.get('x-ms-diagnostics')]).toEqual([
    401,
    expect.stringMatching(/^2000002;.*error_category="token_expired"$/),
  ]);
  await control(simulator, 'PUT', '/clock', { offsetMs: 0 });
  await control(simulator, 'POST', '/tokens/revoke');
  const revoked = await withToken(given);
  expect([revoked.status, revoked.headers.get('x-ms-diagnostics')]).toEqual([401, expect.stringMatching(/^2000001;/)]);
});

test('the token endpoint takes its client in the form or in the header, and refuses what it should', async () => {
  const { client_id: id, client_secret: secret, ...form } = svc;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  expect((await tokenRequest(form, { authorization })).status).toBe(200);
  const refused = async (changed: Record<string, string>) => {
    const reply = await tokenRequest({ ...svc, ...changed });
    return [reply.status, ((await reply.json()) as { error: string }).error];
  };
  expect(await refused({ client_secret: 'no' })).toEqual([401, 'invalid_client']);
  expect(await refused({ client_id: 'ghost' })).toEqual([401, 'invalid_client']);
  expect(await refused({ grant_type: 'password' })).toEqual([400, 'unsupported_grant_type']);
  expect(await refused({ scope: '' })).toEqual([400, 'invalid_scope']);
});

test('bytes that are no NTLM, or come out of turn, are refused and offered everything anew', async () => {
  await control(simulator, 'PATCH', '/settings', { authOffers: ['NTLM', 'Basic realm="x"'] });
  const third = Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.from([3, 0, 0, 0]), Buffer.alloc(60)]);
  for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), third, third.subarray(0, 30)]) {
    const headers = { authorization: `NTLM ${bytes.toString('base64')}` };
    const reply = await soap(simulator, getFolder(), { login: null, headers });
    expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'NTLM, Basic realm="x"']);
  }
});
