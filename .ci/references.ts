import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Between the words of a citation there may be an end of line with the marks of a comment. */
const GAP = String.raw`(?:\s|\*|//|--|#)*`;
const SECTION = String.raw`§(?<number>\d+(?:\.\d+)*)`;
const SECTIONS = `(?:${GAP}(?:,|and|or|to)?${GAP}§\\d+(?:\\.\\d+)*)`;
const DOCUMENT = String.raw`(?<![\w/.@$-])(?<document>(?:\.{0,2}/)?(?:[\w.-]+/)*[\w-][\w.-]*\.md)\b`;
const PUBLISHED = String.raw`(?:RFC \d+|\[?MS-[A-Z]+\]?)`;

const cited = () => new RegExp(`(?:${DOCUMENT}|${PUBLISHED})(?<sections>${SECTIONS}*)`, 'gu');
const section = () => new RegExp(SECTION, 'gu');

/**
 * Finds the references that lead nowhere: a document (`….md`) that the repository does not have, a section number
 * (`docs/gateway.md §1.2`) that no heading of it has, a section number of no named document, a relative link of a Markdown file to
 * no file or heading. Sections of published documents (`RFC 6455 §7.4`, `MS-NLMP §2.2`) are not looked up. In a Markdown file
 * a section number alone means the file itself, and a path in backquotes is followed too: `a/b.ts` or `a/b/` is the end of a
 * path of the repository.
 *
 * @param root folder of the repository
 * @param paths text files to look through, relative to `root`
 * @param files all files of the repository, relative to `root`
 * @returns one line per problem, `path:line: what is wrong`
 */
export function brokenReferences(root: string, paths: readonly string[], files = paths): string[] {
  const ends = pathEnds(files);
  return paths.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const problems = brokenCitations(root, path, text);
    if (isMarkdown(path)) problems.push(...brokenLinks(root, path, text), ...brokenPaths(text, ends));
    return problems.map(({ index, message }) => `${path}:${lineOf(text, index)}: ${message}`);
  });
}

interface Problem {
  readonly index: number;
  readonly message: string;
}

function brokenCitations(root: string, path: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const covered = new Set<number>();
  for (const match of text.matchAll(cited())) {
    const { document, sections = '' } = match.groups ?? {};
    const from = match.index + match[0].length - sections.length;
    const numbers = [...sections.matchAll(section())];
    for (const number of numbers) covered.add(from + number.index);
    if (document === undefined || isFileName(path, text, match)) continue;
    const file = findDocument(root, path, document);
    if (file === null) {
      problems.push({ index: match.index, message: `cites ${document}, which is not in the repository` });
      continue;
    }
    const known = sectionNumbers(readFileSync(file, 'utf8'));
    for (const { groups, index } of numbers) {
      if (!known.has(groups?.number ?? ''))
        problems.push({ index: from + index, message: `cites ${document} §${groups?.number}, which it does not have` });
    }
  }
  return [...problems, ...sectionsOfNothing(path, text, covered)];
}

/** A literal in code that is a file's name and nothing else names a file for the program; it cites nothing. */
function isFileName(path: string, text: string, match: RegExpExecArray): boolean {
  const around = `${text[match.index - 1] ?? ''}${text[match.index + match[0].length] ?? ''}`;
  return !isMarkdown(path) && ["''", '""', '``'].includes(around);
}

/** @param covered positions of the section numbers that belong to a named document */
function sectionsOfNothing(path: string, text: string, covered: ReadonlySet<number>): Problem[] {
  const own = isMarkdown(path) ? sectionNumbers(text) : null;
  return [...text.matchAll(section())]
    .filter(({ index }) => !covered.has(index))
    .filter(({ groups }) => own?.has(groups?.number ?? '') !== true)
    .map(({ groups, index }) => ({
      index,
      message: own
        ? `cites its own §${groups?.number}, which it does not have`
        : `cites §${groups?.number} without naming its document`,
    }));
}

/** A document is named from the root, or from the folder of the file or one above it. */
function findDocument(root: string, path: string, document: string): string | null {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = resolve(root, folder, document);
    if (existsSync(file)) return file;
    if (folder === '.') return null;
  }
}

function brokenLinks(root: string, path: string, text: string): Problem[] {
  const links = [
    ...withoutCode(text).matchAll(/\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(?<named>\S+)/gmu),
  ];
  return links.flatMap(({ groups, index }) => {
    const target = groups?.target ?? groups?.named ?? '';
    if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) return [];
    const [file = '', anchor = ''] = target.split('#', 2);
    const reached = file === '' ? join(root, path) : resolve(root, dirname(path), decodeURIComponent(file));
    if (!existsSync(reached)) return [{ index, message: `links to ${target}, which is not in the repository` }];
    if (anchor === '' || !isMarkdown(reached)) return [];
    if (anchors(readFileSync(reached, 'utf8')).has(anchor)) return [];
    return [{ index, message: `links to ${target}, and no heading there has this name` }];
  });
}

/** Folders and files of sources in backquotes; commands, patterns and paths from `/` are none. */
const CODE_PATH =
  /`(?<path>[\w.@-]+\/(?:[\w.@…-]+\/)*[\w.@…-]*(?:\.(?:[cm]?[jt]s|sql|txt|json|sh)|…)|(?:[\w.@-]+\/){2,})`/gu;

function brokenPaths(text: string, ends: ReadonlySet<string>): Problem[] {
  return [...withoutFences(text).matchAll(CODE_PATH)]
    .filter(({ groups }) => !ends.has(groups?.path ?? ''))
    .map(({ groups, index }) => ({ index, message: `names ${groups?.path}, which is not in the repository` }));
}

/** Each file and folder (with `/` behind it) by all the ends that its path has: `b.ts`, `a/b.ts`, `a/`. */
function pathEnds(files: readonly string[]): Set<string> {
  const ends = new Set<string>();
  for (const file of files) {
    const parts = file.split('/');
    for (let to = 1; to <= parts.length; to++) {
      for (let from = 0; from < to; from++) ends.add(parts.slice(from, to).join('/') + (to < parts.length ? '/' : ''));
    }
  }
  return ends;
}

function isMarkdown(path: string): boolean {
  return path.endsWith('.md');
}

function headings(text: string): string[] {
  return [...withoutFences(text).matchAll(/^#{1,6}\s+(?<title>.+?)\s*$/gmu)].map(({ groups }) => groups?.title ?? '');
}

/** Numbers with which the headings begin, such as `4` of `## 4. Listing` and `4.2` of `### 4.2 Limits`. */
function sectionNumbers(text: string): Set<string> {
  return new Set(headings(text).flatMap((title) => /^(\d+(?:\.\d+)*)\.?\s/u.exec(title)?.[1] ?? []));
}

/** The names under which GitHub shows headings; the second heading of a name has `-1` behind it, and so on. */
function anchors(text: string): Set<string> {
  const known = new Set<string>();
  for (const title of headings(text)) {
    const name = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/gu, '-');
    let unique = name;
    for (let again = 1; known.has(unique); again++) unique = `${name}-${again}`;
    known.add(unique);
  }
  return known;
}

/** Blanks out what is not prose, so that positions stay. */
function withoutCode(text: string): string {
  return withoutFences(text).replaceAll(/`[^`\n]*`/gu, blank);
}

function withoutFences(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gmu, blank);
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/gu, ' ');
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
