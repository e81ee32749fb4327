import { CalendarClient, type CalendarClientOptions, TOKEN_PATH, tokenReply } from 'gateway-protocol';
import { PASSWORD } from './company/people.ts';

const DAY_MS = 86_400_000;

/** Signs somebody in at the gateway's token endpoint. @returns the token for `auth` @throws Error with the refusal */
async function signIn(gatewayUrl: string, username: string, password: string): Promise<string> {
  const url = new URL(gatewayUrl.replace(/^ws/u, 'http'));
  const response = await fetch(new URL(TOKEN_PATH, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: 'calendar', grant_type: 'password', username, password }),
  });
  const body: unknown = await response.json().catch(() => null);
  const reply = tokenReply.safeParse(body);
  if (!response.ok || !reply.success)
    throw new Error(`${username} was refused at the token endpoint (HTTP ${response.status})`);
  return reply.data.access_token;
}

/** A client of the gateway for one employee, a month back and three ahead. */
export function personClient(
  gatewayUrl: string,
  id: string,
  options: Partial<CalendarClientOptions> = {},
): CalendarClient {
  return new CalendarClient({
    url: gatewayUrl,
    getToken: () => signIn(gatewayUrl, id, PASSWORD),
    range: () => ({ from: Date.now() - 30 * DAY_MS, to: Date.now() + 90 * DAY_MS }),
    ...options,
  });
}
