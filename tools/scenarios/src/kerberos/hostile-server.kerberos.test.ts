import { type Gssapi, type GssapiContext, GssapiError, loadGssapi } from 'gssapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../exchange/seeded-random.ts';
import { Acceptor } from './acceptor.ts';
import { endPointOf } from './end-point.ts';
import { sendToken } from './negotiate-request.ts';
import { Realm } from './realm.ts';
import { ownCertificate } from './server-certificates.ts';

const TOKENS = 3_000;
const BATCH = 50;
const never = new AbortController().signal;

let realm: Realm;
let gssapi: Gssapi;
let keytab: string;
/** What a server answered to another client. */
const answers: Buffer[] = [];

beforeAll(async () => {
  realm = await Realm.start();
  gssapi = loadGssapi();
  keytab = await realm.principal('svc-calendar');
  const serviceKeytab = await realm.principal(Realm.service);
  const exchange = await Acceptor.start(realm, ownCertificate, { keytab: serviceKeytab });
  for (const bindings of [endPointOf(ownCertificate), Buffer.from('other')]) {
    const { token } = await (await begun(bindings)).step(null, never);
    const { answer } = await sendToken(exchange.url('/'), token!, ownCertificate);
    if (answer !== null) answers.push(answer);
  }
  await exchange.stop();
});
afterAll(() => realm?.end());

async function begun(bindings: Buffer | null = null): Promise<GssapiContext> {
  return (await gssapi.acquire('svc-calendar', keytab, never)).begin(Realm.service, bindings);
}

describe('tokens of a hostile server', () => {
  it('never let it in, end the process, or make it grow', async () => {
    expect(answers.length).toBeGreaterThan(0);
    const random = new SeededRandom(20_261_201);
    const credential = await gssapi.acquire('svc-calendar', keytab, never);
    const tried = async (token: Buffer): Promise<string> => {
      const context = credential.begin(Realm.service, endPointOf(ownCertificate));
      const first = await context.step(null, never);
      expect(first.complete).toBe(false);
      try {
        return (await context.step(token, never)).complete ? 'let in' : 'not yet';
      } catch (failure) {
        return failure instanceof GssapiError ? 'refused' : String(failure);
      }
    };
    const outcomes = new Set<string>();
    const sizes: number[] = [];
    for (let done = 0; done < TOKENS; done += BATCH) {
      const tokens = Array.from({ length: BATCH }, () => hostile(random));
      for (const outcome of await Promise.all(tokens.map(tried))) outcomes.add(outcome);
      sizes.push(process.memoryUsage.rss());
    }
    expect([...outcomes].filter((outcome) => outcome !== 'refused' && outcome !== 'not yet')).toEqual([]);
    expect(outcomes).toContain('refused');
    expect(sizes.at(-1)! - sizes[Math.floor(sizes.length / 3)]!).toBeLessThan(64 * 1024 * 1024);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['longer than 64 KiB', Buffer.alloc(65_537, 0x60)],
  ])('that are %s are not read at all', async (_what, token) => {
    const context = await begun();
    await context.step(null, never);
    await expect(context.step(token, never)).rejects.toThrow(TypeError);
  });

  it('are taken one after another, and none after the end', async () => {
    const context = await begun();
    const first = context.step(null, never);
    await expect(context.step(Buffer.from('too early'), never)).rejects.toThrow('under way');
    await first;
    await expect(context.step(null, never)).rejects.toThrow(TypeError);
    await expect(context.step(Buffer.from('garbage'), never)).rejects.toBeInstanceOf(GssapiError);
    await expect(context.step(Buffer.from('garbage'), never)).rejects.toThrow('has ended');
  });
});

/** Noise, or a real answer with some bytes changed, cut off, or put twice. */
function hostile(random: SeededRandom): Buffer {
  const kind = random.whole(0, 3);
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => random.whole(0, 255)));
  if (kind === 0) return noise(random.whole(1, 2_000));
  const token = Buffer.from(random.pick(answers));
  const somewhere = () => random.whole(0, token.length - 1);
  for (let change = random.whole(1, 6); change > 0; change--) token[somewhere()] = random.whole(0, 255);
  if (kind === 1) return token;
  if (kind === 2) return token.subarray(0, 1 + somewhere());
  return Buffer.concat([token, token.subarray(somewhere()), Buffer.alloc(random.whole(0, 60_000))]);
}
