import { childSchema, type SchemaNode } from './config-json-schema.ts';

/** Keys that the schema does not know, with the nearest known one. */
export function findUnknownKeys(
  value: unknown,
  node: SchemaNode | undefined,
  path: readonly (string | number)[] = [],
): { path: (string | number)[]; nearest: string | undefined }[] {
  if (Array.isArray(value))
    return value.flatMap((entry, index) => findUnknownKeys(entry, node?.items, [...path, index]));
  if (typeof value !== 'object' || value === null || (!node?.properties && !node?.additionalProperties)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const known = childSchema(node, key);
    if (known) return findUnknownKeys(child, known, [...path, key]);
    return [{ path: [...path, key], nearest: nearestKey(key, Object.keys(node.properties ?? {})) }];
  });
}

/** The known key that is fewest edits away, if it is near enough to be meant. */
function nearestKey(key: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(key.length / 3));
  const ranked = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
