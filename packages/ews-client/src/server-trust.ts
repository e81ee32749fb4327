import { buildConnector } from 'undici';

/** How a server proves who it is. */
export interface ServerTrust {
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca: string | undefined;
}

const connectTimeoutMs = 20_000;

/** Opens TCP or TLS connections whose server is checked; each anew, so no session of an earlier one is resumed. */
export function trustingConnector({ ca }: ServerTrust): buildConnector.connector {
  return buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    maxCachedSessions: 0,
    ...(ca === undefined ? {} : { ca }),
  });
}
