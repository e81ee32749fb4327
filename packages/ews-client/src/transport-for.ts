import { AutoTransport, type WayToSignIn } from './auto-transport.ts';
import { BasicTransport } from './basic-transport.ts';
import { BearerTransport } from './bearer-transport.ts';
import type { CheckedClientOptions } from './client-options.ts';
import { HttpConnections } from './http-connections.ts';
import { KerberosTransport } from './kerberos/kerberos-transport.ts';
import { NtlmTransport } from './ntlm-transport.ts';
import type { SignIn } from './sign-in-refusal.ts';
import { TokenSource } from './token-source.ts';
import type { EwsTransport } from './transport.ts';

const schemes = { kerberos: 'Negotiate', ntlm: 'NTLM', basic: 'Basic' } as const satisfies Record<string, SignIn>;

/** The transport for the way of signing in that the options ask for. */
export function transportFor(options: CheckedClientOptions): EwsTransport {
  const { url, auth, gate, trust, connections, oauth, account } = options;
  const sockets = new HttpConnections({ url, trust, connections });
  if (auth === 'oauth') {
    const { login: clientId, password: clientSecret } = account!;
    return new BearerTransport(sockets, new TokenSource({ ...oauth, clientId, clientSecret }), gate);
  }
  const ways = waysToSignIn(options, sockets);
  return auth === 'auto' ? new AutoTransport(sockets, ways) : ways.find(([way]) => way === schemes[auth])![1];
}

/** What the options have the means for, the strongest first. */
function waysToSignIn(options: CheckedClientOptions, sockets: HttpConnections): WayToSignIn[] {
  const { url, gate, connections, account, kerberos } = options;
  const ways: WayToSignIn[] = [];
  if (kerberos !== null) {
    const { gssapi, names } = kerberos;
    ways.push(['Negotiate', new KerberosTransport(sockets, gssapi, { names, gate, connections })]);
  }
  if (account !== null) {
    ways.push(['NTLM', new NtlmTransport(sockets, { ...account, gate, host: url.hostname, connections })]);
    ways.push(['Basic', new BasicTransport(sockets, { ...account, gate })]);
  }
  return ways;
}
