import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ConfigLocation, ConfigProblem } from './config-errors.ts';

export type JsonPath = readonly (string | number)[];

/** Parsed text that still knows where everything stands. */
export type ConfigText = {
  readonly root: Node | undefined;
  /** The plain value, '' keys and `__proto__` harmless. */
  readonly value: unknown;
  /** Syntax errors and keys given twice. */
  readonly problems: readonly ConfigProblem[];
  /** Where a value, or its nearest existing parent, stands. */
  locate(path: JsonPath): ConfigLocation;
};

/** Parses JSON with comments and trailing commas. Never throws: what is wrong is in `problems`. */
export function parseConfigText(written: string, file: string): ConfigText {
  const text = written.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const root = parseSafely(text, errors);
  const position = positions(text);
  const at = (offset: number, path: string): ConfigLocation => ({ file, ...position(offset), path });
  const problems = errors.map((error) => syntaxProblem(error, at(error.offset, '')));
  const value =
    root && problems.length === 0
      ? toValue(root, [], (path, node) => {
          problems.push(duplicateKey(at(node.offset, formatPath(path))));
        })
      : undefined;
  return {
    root,
    value,
    problems,
    locate: (path) => at(root ? offsetOf(root, path) : 0, formatPath(path)),
  };
}

/** `calendarProviders[0].users`, with keys that are no names in brackets and quotes. */
export function formatPath(path: JsonPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** The parser recurses, so absurdly nested text must not end the process. */
function parseSafely(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { allowTrailingComma: true, disallowComments: false, allowEmptyContent: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    errors.push({ error: 1, offset: 0, length: 0 });
    return undefined;
  }
}

function toValue(node: Node, path: JsonPath, onDuplicate: (path: JsonPath, key: Node) => void): unknown {
  if (node.type === 'array')
    return (node.children ?? []).map((child, index) => toValue(child, [...path, index], onDuplicate));
  if (node.type !== 'object') return node.value;
  const entries = new Map<string, unknown>();
  for (const property of node.children ?? []) {
    const [key, child] = property.children ?? [];
    if (!key || !child) continue;
    const name = String(key.value);
    if (entries.has(name)) onDuplicate([...path, name], key);
    entries.set(name, toValue(child, [...path, name], onDuplicate));
  }
  entries.delete('__proto__');
  return Object.fromEntries(entries);
}

function offsetOf(root: Node, path: JsonPath): number {
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return (node.parent?.type === 'property' ? node.parent : node).offset;
  }
  return 0;
}

/** Turns offsets into 1-based lines and columns. */
function positions(text: string): (offset: number) => { line: number; column: number } {
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  return (offset) => {
    const next = lineStarts.findIndex((start) => start > offset);
    const line = next < 0 ? lineStarts.length : next;
    return { line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
  };
}

const SYNTAX: Record<string, string> = {
  InvalidSymbol: 'found a word that is no JSON value, wanted text in double quotes, a number, true, false or null',
  InvalidNumberFormat: 'found a number that is not written as JSON wants it',
  PropertyNameExpected: 'wanted a key in double quotes',
  ValueExpected: 'wanted a value',
  ColonExpected: 'wanted ":" after the key',
  CommaExpected: 'wanted "," before the next entry',
  CloseBraceExpected: 'wanted "}"',
  CloseBracketExpected: 'wanted "]"',
  EndOfFileExpected: 'found more text after the end of the config',
  InvalidCommentToken: 'found a comment that is not written as // or /* */',
  UnexpectedEndOfComment: 'the comment that begins here is never closed',
  UnexpectedEndOfString: 'the text in quotes that begins here is not closed on its line',
  UnexpectedEndOfNumber: 'found an unfinished number',
  InvalidUnicode: 'found an unfinished \\u escape',
  InvalidEscapeCharacter: 'found a backslash before a character that needs none (write \\\\ for a backslash)',
  InvalidCharacter: 'found a control character inside quotes',
};

function syntaxProblem(error: ParseError, where: ConfigLocation): ConfigProblem {
  const text = SYNTAX[printParseErrorCode(error.error)] ?? 'found something that is not JSON';
  return { ...where, code: 'syntax', message: `${where.file}:${where.line}: column ${where.column}: ${text}` };
}

function duplicateKey(where: ConfigLocation): ConfigProblem {
  return {
    ...where,
    code: 'duplicate-key',
    message: `${where.file}:${where.line}: ${where.path}: found the key a second time, wanted it once`,
  };
}
