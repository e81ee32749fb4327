import { configJsonSchema, type SchemaNode } from './config-json-schema.ts';
import type { ConnectorConfig } from './config-schema.ts';
import { formatPath } from './config-text.ts';
import { EncryptedSecret } from './encrypted-secret.ts';

/** The keys in which two configs differ. */
export type ReloadDiff = {
  /** JSON paths that take effect when the config is read again. */
  readonly live: readonly string[];
  /** JSON paths that take effect only when the worker starts again. */
  readonly restart: readonly string[];
};

/**
 * Compares two loaded configs. Keys of objects are named one by one, a changed list as a whole. A secret counts as
 * changed when its text did.
 */
export function diffReload(old: ConnectorConfig, next: ConnectorConfig): ReloadDiff {
  const live: string[] = [];
  const restart: string[] = [];
  collect(old, next, configJsonSchema(), [], (path, rule) => (rule === 'live' ? live : restart).push(formatPath(path)));
  return { live, restart };
}

function collect(
  old: unknown,
  next: unknown,
  node: SchemaNode,
  path: readonly string[],
  onChange: (path: readonly string[], rule: 'live' | 'restart') => void,
): void {
  if (!node.properties || !isObject(old) || !isObject(next)) {
    if (!sameValue(old, next)) onChange(path, node['x-reload'] ?? 'restart');
    return;
  }
  for (const [key, child] of Object.entries(node.properties)) {
    collect(old[key], next[key], child, [...path, key], onChange);
  }
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof EncryptedSecret && b instanceof EncryptedSecret) return a.sameTextAs(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => sameValue(value, b[index]));
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameValue(a[key], b[key]));
  }
  return a === b;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof EncryptedSecret);
}
