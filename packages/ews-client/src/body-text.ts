import { videoLinks } from 'calendar-model';

const previewLength = 255;
const mostLinks = 20;
const longestLink = 512;
const link = /(?:https?:\/\/|trueconf:)[^\s<>"'`]+/giu;

export interface BodyDigest {
  readonly preview: string;
  readonly links: readonly string[];
}

/**
 * What is kept of a body: the first 255 characters of its text and the links in it, those to video meetings first.
 * The client asks for plain text; markup that comes all the same is taken away.
 */
export function digestBody(body: string, isHtml: boolean): BodyDigest {
  const text = isHtml ? textOfHtml(body) : body;
  // Addresses in attributes are links too.
  const linkSource = isHtml ? `${text} ${decodeEntities(body)}` : body;
  return { preview: firstCharacters(text, previewLength), links: linksIn(linkSource) };
}

/** White space collapsed and cut by code points, so that no character is torn apart. */
function firstCharacters(text: string, count: number): string {
  const collapsed = text.slice(0, count * 64).replace(/[\s\u200b\u2060]+/gu, ' ');
  return Array.from(collapsed.trim().toWellFormed()).slice(0, count).join('').trimEnd();
}

function linksIn(text: string): string[] {
  const found = new Set(videoLinks([text]));
  for (const [match] of text.matchAll(link)) {
    if (found.size >= mostLinks) break;
    const bare = match.replace(/[.,;:!?)\]}»]+$/u, '');
    if (bare.length <= longestLink) found.add(bare);
  }
  return [...found].slice(0, mostLinks);
}

function textOfHtml(html: string): string {
  return decodeEntities(
    html
      .replace(/<!--[\s\S]*?-->/g, ' ')
      .replace(/<(script|style|head)\b[\s\S]*?<\/\1\s*>/gi, ' ')
      .replace(/<[^>]*>/g, ' '),
  );
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '';
  });
}
