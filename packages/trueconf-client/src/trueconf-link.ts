export interface TrueConfLink {
  /** Conference id, as written. */
  cid: string;
  /** Lower-case host (with its port, if the link had one) or server name; null = the reader's own server. */
  server: string | null;
}

// The segment has to end with the id: `/c/team-page` and `/c/logo.png` are other sites' pages.
const endOfId = String.raw`(?!\.?[\w%@~-])`;
const webLink = new RegExp(
  String.raw`\bhttps?://(?<host>\[[0-9a-f:.]{2,45}\](?::\d{1,5})?|[^\s/?#<>"'@\\]{1,255})/(?:c|webrtc)/(?<cid>[a-z0-9_]{1,128})${endOfId}`,
  'gi',
);
const appLink =
  /\b(?:trueconf|visicall):(?:\/\/)?(?:\\|%5c)c(?:\\|%5c)(?<cid>[a-z0-9_]{1,128})(?![\w.~-])(?:(?:@|%40)(?<host>[^\s&<>"'#%\\/,;()[\]{}]{1,255}))?/gi;

/**
 * The first link to a TrueConf conference in a text: `https://server/c/<CID>`, `https://server/webrtc/<CID>` or
 * `trueconf:\c\<CID>@server%23vcs`. Any host fits the pattern: check `server` against the whitelist.
 */
export function trueConfLink(text: string): TrueConfLink | null {
  return trueConfLinks([text])[0] ?? null;
}

/** Every different conference link of these texts, in order of appearance. */
export function trueConfLinks(texts: Iterable<string>): TrueConfLink[] {
  const found = new Map<string, TrueConfLink>();
  for (const text of texts) {
    const matches = [...text.matchAll(webLink), ...text.matchAll(appLink)].sort((a, b) => a.index - b.index);
    for (const { groups } of matches) {
      const cid = groups?.cid ?? '';
      const server = groups?.host?.replace(/\.+$/, '').toLowerCase() || null;
      found.set(`${server} ${cid}`, { cid, server });
    }
  }
  return [...found.values()];
}
