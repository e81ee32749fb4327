import type { SpeakingCopy } from 'calendar-db/conferences';
import { videoServiceHost } from 'calendar-model';
import { isServerMatch, type TrueConfLink, trueConfLinks } from 'trueconf-client';
import type { PlanRules, PlanServer } from './plan-rules.ts';

/** Where the links of an event lead. */
export type LinkFound =
  | { readonly kind: 'conference'; readonly server: PlanServer; readonly cid: string; readonly url: string }
  | { readonly kind: 'server-not-configured' | 'foreign-server' | 'other-video-service' | 'none' };

/**
 * The conference that an event already carries. A link without a server (`trueconf:\c\<CID>`) means the reader's own
 * one, which is only clear when there is a single one.
 */
export function linkedConference(copy: SpeakingCopy, rules: PlanRules): LinkFound {
  const links = trueConfLinks([...copy.joinLinks, copy.location, copy.preview]);
  for (const link of links) {
    const server = serverOf(link, rules);
    if (server) return { kind: 'conference', server, cid: link.cid, url: `https://${server.host}/c/${link.cid}` };
  }
  const named = links.flatMap(({ server }) => (server === null ? [] : [server]));
  if (named.some((server) => rules.whitelist.some((entry) => isServerMatch(entry, server)))) {
    return { kind: 'server-not-configured' };
  }
  if (named.length > 0) return { kind: 'foreign-server' };
  if (copy.joinLinks.some((link) => videoServiceHost(link) !== null)) return { kind: 'other-video-service' };
  return { kind: 'none' };
}

function serverOf(link: TrueConfLink, { servers }: PlanRules): PlanServer | undefined {
  const { server } = link;
  if (server === null) return servers.length === 1 ? servers[0] : undefined;
  return servers.find(({ serverId, host }) => isServerMatch(serverId, server) || isServerMatch(host, server));
}
