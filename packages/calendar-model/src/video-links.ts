/** Hosts (and their subdomains) whose links lead to another video service; administrators extend the list. */
export const VIDEO_SERVICE_HOSTS: readonly string[] = [
  'zoom.us',
  'teams.microsoft.com',
  'teams.live.com',
  'meet.google.com',
  'webex.com',
  'gotomeeting.com',
  'meet.jit.si',
  'telemost.yandex.ru',
  'whereby.com',
];

const LINK = /(?:https?:\/\/|trueconf:|visicall:)[^\s<>"'`]+/giu;
const TRUECONF_PATH = /^\/(?:c|webrtc)\/[A-Za-z0-9_%@#.-]{1,160}\/?$/u;
const MOST_LINKS = 10;
const LONGEST_LINK = 512;
/** What a sentence or a bracket around a link leaves at its end. */
const TRAILING = /[.,;:!?)\]}»”’]+$/u;
/** Longer runs of text are no links, and looking for the end of each would take quadratic time. */
const LONGEST_RUN = LONGEST_LINK + 32;

/**
 * The links in some texts that may lead to a video meeting: TrueConf conference links on any server and links to the
 * services of `VIDEO_SERVICE_HOSTS`. Other links of a body are nobody's business and are left there.
 *
 * @returns at most 10 links of at most 512 characters, in the order of the texts, each once
 */
export function videoLinks(texts: readonly string[], serviceHosts: readonly string[] = VIDEO_SERVICE_HOSTS): string[] {
  const found = new Set<string>();
  for (const text of texts) {
    for (const [link] of text.matchAll(LINK)) {
      if (link.length > LONGEST_RUN) continue;
      const bare = link.replace(TRAILING, '');
      if (bare.length <= LONGEST_LINK && isVideoLink(bare, serviceHosts)) found.add(bare);
      if (found.size === MOST_LINKS) return [...found];
    }
  }
  return [...found];
}

/** The host of the other video service that a link leads to, or null (TrueConf links are not another service's). */
export function videoServiceHost(link: string, serviceHosts: readonly string[] = VIDEO_SERVICE_HOSTS): string | null {
  const host = parsed(link)?.hostname.toLowerCase();
  if (host === undefined) return null;
  return serviceHosts.find((service) => `.${host}`.endsWith(`.${service.toLowerCase()}`)) ?? null;
}

function isVideoLink(link: string, serviceHosts: readonly string[]): boolean {
  if (/^(?:trueconf|visicall):/iu.test(link)) return true;
  const url = parsed(link);
  return url !== null && (TRUECONF_PATH.test(url.pathname) || videoServiceHost(link, serviceHosts) !== null);
}

function parsed(link: string): URL | null {
  return /^https?:/iu.test(link) && URL.canParse(link) ? new URL(link) : null;
}
