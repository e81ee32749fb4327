/** The gateway's port belongs to somebody else. */
export class PortTakenError extends Error {
  readonly code = 'gateway-port-taken';

  constructor(host: string, port: number) {
    const where = host === '' ? 'all interfaces' : host;
    super(
      `port ${port} on ${where} cannot be listened on: another program has it, or this user may not use it; stop that program, choose another wsPort or gateway.host, or set gateway.sharePort for several gateways on one port`,
    );
    this.name = new.target.name;
  }
}

/** Certificate and key do not make a TLS server. */
export class TlsUnusableError extends Error {
  readonly code = 'gateway-tls-unusable';

  constructor(cert: string, key: string) {
    super(
      `gateway.tls: ${cert} and ${key} cannot be used; both have to be PEM files that this user can read, with the private key of the first certificate and without a passphrase`,
    );
    this.name = new.target.name;
  }
}
