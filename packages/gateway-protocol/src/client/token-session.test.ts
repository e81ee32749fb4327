import { describe, expect, it } from 'vitest';
import { TokenSession } from './token-session.ts';

/** A token endpoint that answers each request with the next of these, and remembers what it was asked. */
function endpoint(...answers: { status?: number; body: unknown; headers?: Record<string, string> }[]) {
  const asked: { url: string; body: Record<string, unknown> }[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push({ url: String(url), body: JSON.parse(String(init?.body)) });
    const {
      status = 201,
      body,
      headers = {},
    } = answers[asked.length - 1] ?? { status: 500, body: 'too many requests' };
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  return { asked, fetch };
}

const tokens = (access_token: string, expires_at: number, refresh?: string) => ({
  access_token,
  token_type: 'JWT',
  expires_in: 3600,
  expires_at,
  ...(refresh === undefined ? {} : { refresh_token: refresh, refresh_expires_in: 43_200 }),
});

describe('TokenSession', () => {
  it('signs in once and renews with the refresh token, once for all who wait', async () => {
    let now = 0;
    const { asked, fetch } = endpoint({ body: tokens('one', 3_600, 'refresh') }, { body: tokens('two', 7_200) });
    const url = 'wss://gateway.example:4315/websocket/calendar';
    const session = await TokenSession.signIn({ url, fetch, now: () => now }, 'anna', 'demo');
    expect(await session.getToken()).toBe('one');
    now = 3_541_000;
    expect(await Promise.all([session.getToken(), session.getToken()])).toEqual(['two', 'two']);
    expect(asked).toEqual([
      {
        url: 'https://gateway.example:4315/bridge/api/client/v1/oauth/token',
        body: { client_id: 'calendar', grant_type: 'password', username: 'anna', password: 'demo' },
      },
      {
        url: 'https://gateway.example:4315/bridge/api/client/v1/oauth/token',
        body: { client_id: 'calendar', grant_type: 'refresh_token', refresh_token: 'refresh' },
      },
    ]);
  });

  it('tells why it was refused and how long to wait, without the password', async () => {
    const body = { error: 'slow_down', error_description: 'too many wrong passwords' };
    const { fetch } = endpoint({ status: 429, body, headers: { 'retry-after': '90' } });
    const refused = await TokenSession.signIn({ url: 'http://gateway', fetch }, 'anna', 's3cret').catch(
      (error) => error,
    );
    expect(refused).toMatchObject({ code: 'sign-in-refused', status: 429, error: 'slow_down', retryAfterMs: 90_000 });
    expect(refused.message).not.toContain('s3cret');
  });

  it('says so when something else than the token endpoint answers', async () => {
    const { fetch } = endpoint({ status: 200, body: '<html>' });
    const refused = TokenSession.signIn({ url: 'http://gateway', fetch }, 'anna', 'demo');
    await expect(refused).rejects.toMatchObject({ error: 'unexpected_reply', status: 200 });
  });

  it('tries to renew again after a failure', async () => {
    const { fetch } = endpoint(
      { body: tokens('one', 10, 'refresh') },
      { status: 503, body: { error: 'temporarily_unavailable', error_description: 'later' } },
      { body: tokens('two', 100_000) },
    );
    const session = await TokenSession.signIn({ url: 'http://gateway', fetch, now: () => 0 }, 'anna', 'demo');
    await expect(session.getToken()).rejects.toMatchObject({ status: 503 });
    expect(await session.getToken()).toBe('two');
  });
});
