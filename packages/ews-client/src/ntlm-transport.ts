import type { SignInAs } from './basic-transport.ts';
import { ConnectionBoundTransport } from './connection-bound-transport.ts';
import type { HttpConnections } from './http-connections.ts';
import { ntlmIdentity } from './ntlm/ntlmv2-response.ts';
import { NtlmConnection } from './ntlm-connection.ts';

export interface NtlmOptions extends SignInAs {
  /** Without port. */
  readonly host: string;
  /** Sockets at most, dedicated ones aside. */
  readonly connections: number;
}

/** Signs in with NTLMv2. The login belongs to a socket, and signed-in sockets are used again. */
export class NtlmTransport extends ConnectionBoundTransport {
  constructor(sockets: HttpConnections, { login, password, gate, host, connections }: NtlmOptions) {
    const identity = ntlmIdentity(login, password);
    super(sockets, {
      way: 'NTLM',
      connections,
      connect: (socket) => new NtlmConnection(socket, { identity, gate, host }),
    });
  }
}
