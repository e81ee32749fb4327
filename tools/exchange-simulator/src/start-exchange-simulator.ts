import { handleAutodiscover } from './autodiscover/autodiscover-handler.ts';
import { handleControl } from './control/control-handler.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import { handleEws } from './http/ews-handler.ts';
import type { EwsParts } from './http/ews-parts.ts';
import { type Handler, listen } from './http/listen.ts';
import { Authenticator } from './http/login/authenticator.ts';
import { handleToken, TOKEN_PATH } from './http/token-handler.ts';
import { Journal } from './journal.ts';
import { Outages } from './outages/outages.ts';
import { FrontEnd } from './routing/front-end.ts';
import { type SiteAddress, Sites } from './routing/sites.ts';
import { defaultSettings } from './settings.ts';
import { Organization } from './store/organization.ts';
import { OpenStreams } from './streaming/open-streams.ts';
import { Subscriptions } from './streaming/subscriptions.ts';
import { Budgets } from './throttling/budgets.ts';

export interface ExchangeSimulatorOptions {
  /** Address of the EWS listener; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port of the EWS listener; 0, the default, takes any free one. */
  readonly port?: number;
  /** Port of the control API, which always listens on 127.0.0.1; 0, the default, takes any free one. */
  readonly controlPort?: number;
  /** PEM key and certificate; serves EWS over HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A running simulator, with the address of its first site. */
export interface ExchangeSimulator extends SiteAddress {
  /** Base URL of the control API, without a slash at the end. */
  readonly controlUrl: string;
  /** Ends all listeners and connections. */
  close(): Promise<void>;
}

const EWS_PATH = '/EWS/Exchange.asmx';
const AUTODISCOVER_PATH = '/autodiscover/autodiscover.svc';

/**
 * Starts an Exchange server that is none: EWS on one port, the control API (README) on another. It is empty until seeded.
 *
 * @throws the socket error when a port cannot be had
 */
export async function startExchangeSimulator(options: ExchangeSimulatorOptions = {}): Promise<ExchangeSimulator> {
  const [organization, settings] = [new Organization(), defaultSettings()];
  const host = options.host ?? '127.0.0.1';
  const origin = `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}`;
  const parts: EwsParts = {
    organization,
    settings,
    authenticator: new Authenticator(organization, settings, options.tls?.cert),
    faults: new FaultPlan(),
    journal: new Journal(),
    frontEnd: new FrontEnd(),
    subscriptions: new Subscriptions(organization, settings),
    streams: new OpenStreams(),
    outages: new Outages(settings),
    budgets: new Budgets(settings, () => organization.now()),
    sites: new Sites(
      (site) => {
        const place = { host, port: site === undefined ? (options.port ?? 0) : 0 };
        return listen(ewsSite({ ...parts, site }), { ...place, tls: options.tls && { ...options.tls } });
      },
      (port) => ({ ewsUrl: `${origin}:${port}${EWS_PATH}`, tokenUrl: `${origin}:${port}${TOKEN_PATH}`, port }),
    ),
    site: undefined,
    callsOfSockets: new WeakMap(),
  };
  const first = await parts.sites.open();
  try {
    const control = await listen((request, response) => handleControl(request, response, parts), {
      host: '127.0.0.1',
      port: options.controlPort ?? 0,
    });
    return {
      ...first,
      controlUrl: `http://127.0.0.1:${control.port}/control`,
      close: async () => {
        await Promise.all([parts.sites.close(), control.close()]);
      },
    };
  } catch (error) {
    await parts.sites.close();
    throw error;
  }
}

function ewsSite(parts: EwsParts): Handler {
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0]!.toLowerCase();
    if (path === EWS_PATH.toLowerCase()) {
      await handleEws(request, response, parts);
      return;
    }
    if (path === AUTODISCOVER_PATH) {
      await handleAutodiscover(request, response, parts, EWS_PATH);
      return;
    }
    if (path === TOKEN_PATH) {
      await handleToken(request, response, parts);
      return;
    }
    response.writeHead(404).end();
  };
}
