import { expect, test } from 'vitest';
import { AccessToken, type IssuedToken, tokenReply } from './access-token.ts';

/** A token endpoint whose answers the test gives. */
function endpoint() {
  const asked: PromiseWithResolvers<IssuedToken>[] = [];
  const clock = { nowMs: 0 };
  const token = new AccessToken(
    () => {
      const answer = Promise.withResolvers<IssuedToken>();
      asked.push(answer);
      return answer.promise;
    },
    () => clock.nowMs,
  );
  return { asked, clock, token };
}

async function holding(lifetimeSeconds: number) {
  const { asked, clock, token } = endpoint();
  const first = token.get();
  asked[0]?.resolve({ token: 'one', lifetimeSeconds });
  await first;
  return { asked, clock, token };
}

test('many callers share one request', async () => {
  const { asked, token } = endpoint();
  const callers = Array.from({ length: 20 }, () => token.get());
  asked[0]?.resolve({ token: 'one', lifetimeSeconds: 3600 });
  expect(new Set(await Promise.all(callers))).toEqual(new Set(['one']));
  expect(asked).toHaveLength(1);
});

test('a failed request fails its callers, and the next caller tries again', async () => {
  const { asked, token } = endpoint();
  const failing = token.get();
  asked[0]?.reject(new Error('down'));
  await expect(failing).rejects.toThrow('down');
  const again = token.get();
  asked[1]?.resolve({ token: 'two', lifetimeSeconds: 60 });
  expect(await again).toBe('two');
});

test('near its end a token is renewed without anybody waiting', async () => {
  const { asked, clock, token } = await holding(3600);
  clock.nowMs = 3_541_000;
  expect(await token.get()).toBe('one');
  expect(await token.get()).toBe('one');
  expect(asked).toHaveLength(2);
  asked[1]?.resolve({ token: 'two', lifetimeSeconds: 3600 });
  await expect.poll(() => token.get()).toBe('two');
});

test('a failed early renewal is tried again and breaks nothing', async () => {
  const { asked, clock, token } = await holding(100);
  clock.nowMs = 95_000;
  await token.get();
  asked[1]?.reject(new Error('down'));
  await expect.poll(() => token.get().then(() => asked.length)).toBe(3);
});

test('an expired token is never handed out', async () => {
  const { asked, clock, token } = await holding(100);
  clock.nowMs = 100_000;
  const next = token.get();
  asked[1]?.resolve({ token: 'two', lifetimeSeconds: 100 });
  expect(await next).toBe('two');
});

test('discarding a replaced token keeps the new one', async () => {
  const { asked, token } = await holding(100);
  token.discard('one');
  const next = token.get();
  asked[1]?.resolve({ token: 'two', lifetimeSeconds: 100 });
  await next;
  token.discard('one');
  expect(await token.get()).toBe('two');
  expect(asked).toHaveLength(2);
});

test('a reply without a usable lifetime gives a short-lived token', () => {
  expect(tokenReply.parse({ access_token: 'x' })).toEqual({ token: 'x', lifetimeSeconds: 300 });
  expect(tokenReply.parse({ access_token: 'x', expires_in: '3600' })).toEqual({ token: 'x', lifetimeSeconds: 3600 });
});
