import { videoLinks } from 'calendar-model';
import { isCharacter } from './character-cleaner.ts';

const previewLength = 255;
const mostLinks = 20;
const longestLink = 512;
const longestRun = longestLink + 32;
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
    // Longer runs are no links, and looking for the end of each would take quadratic time.
    if (match.length > longestRun) continue;
    const bare = match.replace(/[.,;:!?)\]}»]+$/u, '');
    if (bare.length <= longestLink) found.add(bare);
  }
  return [...found].slice(0, mostLinks);
}

function textOfHtml(html: string): string {
  const shown = hiddenParts.reduce((text, [begin, end]) => withoutSpans(text, begin, end), html);
  return decodeEntities(withoutSpans(shown, /</g, />/g));
}

const hiddenParts: readonly (readonly [RegExp, RegExp])[] = [
  [/<!--/g, /-->/g],
  [/<script\b/gi, /<\/script\s*>/gi],
  [/<style\b/gi, /<\/style\s*>/gi],
  [/<head\b/gi, /<\/head\s*>/gi],
];

/** Each span becomes a space; what begins and never ends stays. One pass: time grows with the text, whatever is in it. */
function withoutSpans(text: string, begin: RegExp, end: RegExp): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    begin.lastIndex = at;
    const start = begin.exec(text);
    end.lastIndex = begin.lastIndex;
    if (start === null || end.exec(text) === null) break;
    kept.push(text.slice(at, start.index), ' ');
    at = end.lastIndex;
  }
  return kept.join('') + text.slice(at);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return isCharacter(point) ? String.fromCodePoint(point) : '';
  });
}
