const HIDDEN = '[hidden]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;

/** Keys whose values are nobody's business, compared without case, dashes and underscores. */
const SECRET_KEY =
  /^(pass(word|wd|phrase)?|secret|(client|product)secret|authorization|cookie|setcookie|.*token|apikey|privatekey|subject|topic|title|preview|bodypreview|body|content|location|credentials?)$/u;

/** A copy of `value` fit for a log: secret and personal keys hidden at any depth, errors and buffers shortened. */
export function redact(value: unknown, withStacks = false): unknown {
  return redactLevel(value, withStacks, 0);
}

/** Code and message of anything thrown, with the causes; the stack only when asked. Never its other properties. */
export function describeError(error: unknown, withStack = false): Record<string, unknown> {
  return describeErrorLevel(error, withStack, 0);
}

function describeErrorLevel(error: unknown, withStack: boolean, depth: number): Record<string, unknown> {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  const code = 'code' in error && error.code !== undefined && error.code !== '' ? String(error.code) : error.name;
  // A refused connection to a name with two addresses has no message of its own.
  const parts = error instanceof AggregateError && error.message === '' ? error.errors : [];
  const message = parts.length > 0 ? parts.map((part) => (part as Error).message).join('; ') : error.message;
  return {
    code,
    message,
    ...(error.cause !== undefined && depth < 3 ? { cause: describeErrorLevel(error.cause, withStack, depth + 1) } : {}),
    ...(withStack && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function redactLevel(value: unknown, withStacks: boolean, depth: number): unknown {
  if (value instanceof Error) return describeError(value, withStacks);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return redactLevel(value.toJSON(), withStacks, depth + 1);
  }
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Set || Array.isArray(value)) return redactList([...value], withStacks, depth);
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, child]) => [
      String(key),
      isSecretKey(String(key)) && child !== undefined && child !== null
        ? HIDDEN
        : redactLevel(child, withStacks, depth + 1),
    ]),
  );
}

function redactList(items: unknown[], withStacks: boolean, depth: number): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => redactLevel(item, withStacks, depth + 1));
  return items.length > MAX_ITEMS ? [...shown, `[${items.length - MAX_ITEMS} more]`] : shown;
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replaceAll(/[-_]/gu, ''));
}
