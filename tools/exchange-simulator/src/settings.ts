import { EXCHANGE, type Personality } from './personality/personality.ts';
import type { BackEnd } from './routing/back-end.ts';
import { type PrefixMap, USUAL_PREFIXES } from './soap/namespaces.ts';
import type { ServerVersion } from './soap/write-envelope.ts';
import { defaultStreamingSettings, type StreamingSettings } from './streaming/streaming-settings.ts';
import { defaultThrottlingSettings, type ThrottlingSettings } from './throttling/throttling-settings.ts';

/** How people and lists of this server are named in the calendars of those who were invited. */
export const RECEIVED_ADDRESSES = ['asWritten', 'SMTP', 'EX'] as const;

/** What the control API can change about the server as a whole. */
export interface SimulatorSettings {
  /** Lines of `WWW-Authenticate`: what is offered, and with `Basic`, `NTLM` or `Bearer` what lets people in. */
  authOffers: string[];
  /** Extended Protection of NTLM: whether the client must bind its login to the TLS connection. */
  extendedProtection: 'none' | 'allow' | 'require';
  /** Whether NTLMv1 responses are taken. */
  ntlmV1: boolean;
  /** Wrong passwords in a row that lock an account; 0 = never. */
  lockoutThreshold: number;
  /** Life of a bearer token. */
  tokenLifetimeSeconds: number;
  /** What the scope of a token must begin with; null = anything. */
  tokenAudience: string | null;
  prefixes: PrefixMap;
  serverVersion: ServerVersion;
  findCountLimit: number;
  personality: Personality;
  /** Bytes of a request body. */
  bodyLimit: number;
  /** The mailbox servers. The first holds every mailbox that is not assigned to another. */
  backEnds: BackEnd[];
  /** The fault for a mailbox of another site than the one that is asked; null: the request is passed on to that site. */
  crossSite: 'ErrorCrossSiteRequest' | 'ErrorProxyRequestNotAllowed' | null;
  streaming: StreamingSettings;
  throttling: ThrottlingSettings;
  autodiscover: {
    /** EWS URL to tell; the simulator's own when null. */
    ewsUrl: string | null;
    /** Address or URL to ask instead, by lower-case address. */
    redirects: Readonly<Record<string, string>>;
  };
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
    extendedProtection: 'none',
    ntlmV1: false,
    lockoutThreshold: 0,
    tokenLifetimeSeconds: 3600,
    tokenAudience: null,
    prefixes: USUAL_PREFIXES,
    serverVersion: { major: 15, minor: 1, build: 2507, revision: 6, version: 'V2017_07_11' },
    findCountLimit: 1000,
    personality: EXCHANGE,
    bodyLimit: 4 * 1024 * 1024,
    backEnds: [{ name: 'EX01', group: 'DAG1' }],
    crossSite: 'ErrorCrossSiteRequest',
    streaming: defaultStreamingSettings(),
    throttling: defaultThrottlingSettings(),
    autodiscover: { ewsUrl: null, redirects: {} },
    receivedAddresses: 'asWritten',
  };
}
