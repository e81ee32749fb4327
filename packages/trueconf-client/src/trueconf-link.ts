export interface TrueConfLink {
  /** Conference id. */
  cid: string;
  /** Host (with its port, if the link had one) or server name; null in a link that means the reader's own server. */
  server: string | null;
}

const webLink =
  /\bhttps?:\/\/(?<host>\[[0-9a-f:.]+\](?::\d{1,5})?|[^\s/?#<>"'@\\]+)\/(?:c|webrtc)\/(?<cid>\w{1,128})(?!\w)/giu;
const appLink =
  /\b(?:trueconf|visicall):(?:\/\/)?(?:\\|%5c)c(?:\\|%5c)(?<cid>\w{1,128})(?![\w])(?:(?:@|%40)(?<host>[^\s&<>"'#%\\/]+)(?:(?:#|%23)vcs)?)?/giu;

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
    for (const match of matches) {
      const cid = match.groups?.cid ?? '';
      const server = match.groups?.host?.toLowerCase() ?? null;
      found.set(`${server} ${cid}`, { cid, server });
    }
  }
  return [...found.values()];
}
