import { describe, expect, test } from 'vitest';
import type { SignInGate, SignInUse } from './sign-in-gate.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { NtlmSockets } from './testing/ntlm-exchange.ts';
import { answers, success } from './testing/replies.ts';

const anna = 'anna@corp.example';
const folder = '<m:Folders><t:CalendarFolder><t:FolderId Id="F=" ChangeKey="c"/></t:CalendarFolder></m:Folders>';
const folderReply = answers('GetFolder', success('GetFolder', folder));
const refused = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };

/** Keeps what it is told, and how many uses are under way at most. */
class KeptGate implements SignInGate {
  readonly told: string[] = [];
  most = 0;
  #underWay = 0;

  readonly #limit: number;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  async enter(signal: AbortSignal): Promise<SignInUse> {
    while (this.#underWay >= this.#limit) {
      signal.throwIfAborted();
      await new Promise(setImmediate);
    }
    this.most = Math.max(this.most, ++this.#underWay);
    return {
      accepted: () => this.#ends('accepted'),
      refused: async ({ code }) => this.#ends(`refused ${code}`),
      unanswered: async (mayBeRefused) => this.#ends(`unanswered, ${mayBeRefused ? 'maybe refused' : 'not refused'}`),
    };
  }

  #ends(how: string): void {
    this.#underWay--;
    this.told.push(how);
  }
}

const ten = (call: () => Promise<unknown>) => Promise.all(Array.from({ length: 10 }, call));

describe('the gate before the password', () => {
  test('stands before each request over Basic: no more of them are under way than it lets through', async () => {
    const gate = new KeptGate(3);
    await using exchange = await CannedExchange.start({ body: folderReply });
    const client = exchange.client({ auth: 'basic', connections: 8, gate });
    await ten(() => client.getCalendarFolder(anna));
    expect(gate.told).toEqual(Array(10).fill('accepted'));
    expect(gate.most).toBe(3);
  });

  test('stands before the login of each NTLM connection, and not before its further requests', async () => {
    const gate = new KeptGate();
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => sockets.answer(seen, folderReply));
    const client = exchange.client({ auth: 'ntlm', connections: 2, gate });
    await ten(() => client.getCalendarFolder(anna));
    expect(gate.told).toEqual(Array(sockets.logins).fill('accepted'));
    expect(sockets.logins).toBeLessThanOrEqual(2);
  });

  test('hears of a refusal before the caller does', async () => {
    const gate = new KeptGate();
    await using exchange = await CannedExchange.start(refused);
    const client = exchange.client({ auth: 'basic', gate });
    const outcome = client.getCalendarFolder(anna).catch(({ code }) => [code, ...gate.told]);
    expect(await outcome).toEqual(['ews-auth-refused', 'refused ews-auth-refused']);
  });

  test('hears that a call was given up before the verdict, and that a connection failed', async () => {
    const gate = new KeptGate();
    await using exchange = await CannedExchange.start(() => new Promise(() => undefined));
    const aborter = new AbortController();
    const given = exchange.client({ auth: 'basic', gate }).getCalendarFolder(anna, aborter.signal);
    await expect.poll(() => exchange.requests.length).toBe(1);
    aborter.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    const nobody = exchange.client({ url: 'http://127.0.0.1:9/EWS/Exchange.asmx', auth: 'basic', gate });
    await expect(nobody.getCalendarFolder(anna)).rejects.toMatchObject({ code: 'ews-network' });
    expect(gate.told).toEqual(['unanswered, maybe refused', 'unanswered, not refused']);
  });

  test('ends a call that it does not let through, with nothing sent', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply });
    const closed: SignInGate = { enter: () => Promise.reject(new Error('stopped')) };
    await expect(exchange.client({ auth: 'basic', gate: closed }).getCalendarFolder(anna)).rejects.toThrow('stopped');
    expect(exchange.requests).toEqual([]);
  });
});
