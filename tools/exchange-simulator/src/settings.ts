import { type PrefixMap, USUAL_PREFIXES } from './soap/namespaces.ts';
import type { ServerVersion } from './soap/write-envelope.ts';

/** How people and lists of this server are named in the calendars of those who were invited. */
export const RECEIVED_ADDRESSES = ['asWritten', 'SMTP', 'EX'] as const;

/** What the control API can change about the server as a whole. */
export interface SimulatorSettings {
  /** Schemes of `WWW-Authenticate`. Only `Basic` really logs in; without it in the list every login fails. */
  authOffers: string[];
  prefixes: PrefixMap;
  serverVersion: ServerVersion;
  findCountLimit: number;
  /** Bytes of a request body. */
  bodyLimit: number;
  /**
   * `asWritten`: as the organizer's client wrote them. `SMTP`: by their primary addresses. `EX`: by their legacy
   * distinguished names, as mail within an organization may be.
   */
  receivedAddresses: (typeof RECEIVED_ADDRESSES)[number];
}

/** Settings of a fresh simulator: Exchange 2016 with Basic authentication. */
export function defaultSettings(): SimulatorSettings {
  return {
    authOffers: ['Basic realm="exchange.simulator"'],
    prefixes: USUAL_PREFIXES,
    serverVersion: { major: 15, minor: 1, build: 2507, revision: 6, version: 'V2017_07_11' },
    findCountLimit: 1000,
    bodyLimit: 4 * 1024 * 1024,
    receivedAddresses: 'asWritten',
  };
}
