import { TOKEN_PATH, tokenReply } from 'gateway-protocol';
import { PASSWORD } from './company.ts';

/**
 * Signs somebody of the company in at the gateway's token endpoint.
 *
 * @returns the token for `auth`
 * @throws Error with the HTTP status when the gateway refuses, or fetch's error when it does not answer
 */
export async function signIn(gatewayUrl: string, username: string): Promise<string> {
  const response = await fetch(new URL(TOKEN_PATH, gatewayUrl.replace(/^ws/u, 'http')), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: 'calendar', grant_type: 'password', username, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`${username} was refused at the token endpoint: HTTP ${response.status}`);
  return tokenReply.parse(await response.json()).access_token;
}
