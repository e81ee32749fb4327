import { AutoTransport } from './auto-transport.ts';
import { BasicTransport } from './basic-transport.ts';
import { BearerTransport } from './bearer-transport.ts';
import type { CheckedClientOptions } from './client-options.ts';
import { HttpConnections } from './http-connections.ts';
import { NtlmTransport } from './ntlm-transport.ts';
import { TokenSource } from './token-source.ts';
import type { EwsTransport } from './transport.ts';

/** The transport for the way of signing in that the options ask for. */
export function transportFor(options: CheckedClientOptions): EwsTransport {
  const { url, login, password, gate, trust, connections, oauth } = options;
  const sockets = new HttpConnections({ url, trust, connections });
  const basic = () => new BasicTransport(sockets, { login, password, gate });
  const ntlm = () => new NtlmTransport(sockets, { login, password, gate, host: url.hostname, connections });
  switch (options.auth) {
    case 'basic':
      return basic();
    case 'ntlm':
      return ntlm();
    case 'auto':
      return new AutoTransport(sockets, ntlm(), basic());
    case 'oauth':
      return new BearerTransport(sockets, new TokenSource({ ...oauth, clientId: login, clientSecret: password }), gate);
  }
}
