import type { Gssapi } from 'gssapi';
import { ConnectionBoundTransport } from '../connection-bound-transport.ts';
import type { HttpConnections } from '../http-connections.ts';
import type { SignInGate } from '../sign-in-gate.ts';
import type { KerberosNames } from './kerberos-failure.ts';
import { NegotiateConnection } from './negotiate-connection.ts';
import { TicketSource } from './ticket-source.ts';

export interface KerberosOptions {
  readonly names: KerberosNames;
  readonly gate: SignInGate;
  /** Sockets at most, dedicated ones aside. */
  readonly connections: number;
}

/** Signs in with Kerberos: tickets come with the keys of a keytab, no password is kept, and tokens are bound to the TLS channel. */
export class KerberosTransport extends ConnectionBoundTransport {
  constructor(sockets: HttpConnections, gssapi: Gssapi, { names, gate, connections }: KerberosOptions) {
    const tickets = new TicketSource(gssapi, names);
    super(sockets, {
      way: 'Kerberos',
      connections,
      connect: (socket) => new NegotiateConnection(socket, { names, tickets, gate }),
    });
  }
}
