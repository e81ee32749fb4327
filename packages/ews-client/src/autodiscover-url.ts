import { checkedUrl } from './client-options.ts';

/**
 * Where the server of an EWS URL has its SOAP Autodiscover: `https://host[:port]/autodiscover/autodiscover.svc`.
 * @throws EwsOptionsError when that is no http or https address, or holds a login.
 */
export function autodiscoverUrl(ewsUrl: string): string {
  return new URL('/autodiscover/autodiscover.svc', checkedUrl('url', ewsUrl)).href;
}
