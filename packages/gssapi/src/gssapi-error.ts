/** What was under way: the first ticket, the ticket for the service, or the making or reading of a token. */
export type GssapiStage = 'ticket' | 'service' | 'context';

export interface GssapiFailure {
  readonly stage: GssapiStage;
  /** Name of the error code (`KRB5KDC_ERR_ETYPE_NOSUPP`, `ENOENT`); empty for one that is not known here. */
  readonly symbol: string;
  /** What the Kerberos library says, in the system's language. */
  readonly reason: string;
  /** Encryption types of the keys that the keytab holds for the principal; only for the stage `ticket`. */
  readonly keys: readonly string[];
}

/** A call of the Kerberos library failed. Holds names, and neither keys nor tokens. */
export class GssapiError extends Error {
  readonly code = 'gssapi';
  readonly stage: GssapiStage;
  readonly symbol: string;
  readonly keys: readonly string[];

  constructor({ stage, symbol, reason, keys }: GssapiFailure) {
    super(reason);
    this.name = new.target.name;
    this.stage = stage;
    this.symbol = symbol;
    this.keys = keys;
  }
}

/** The addon or a library that it needs is not on this machine. */
export class GssapiMissingError extends Error {
  readonly code = 'gssapi-missing';

  constructor(what: string) {
    super(what);
    this.name = new.target.name;
  }
}
