import { createHash } from 'node:crypto';
import type { ConnectorConfig, SectionName } from './config-schema.ts';
import { EncryptedSecret } from './encrypted-secret.ts';

/**
 * SHA-256 (hex) of one section, the same on every machine whose section means the same: order of keys does not matter,
 * defaults count as written, and a secret counts only by the key that made it, since every encryption gives another text.
 */
export function sectionDigest(config: ConnectorConfig, section: SectionName): string {
  return createHash('sha256').update(canonicalText(config[section])).digest('hex');
}

/** Digests of several sections, e.g. for the worker registry. Without a list: of all. */
export function sectionDigests(config: ConnectorConfig, sections?: readonly SectionName[]): Record<string, string> {
  const names = sections ?? (Object.keys(config) as SectionName[]);
  return Object.fromEntries(names.map((name) => [name, sectionDigest(config, name)]));
}

function canonicalText(value: unknown): string {
  if (value instanceof EncryptedSecret) {
    const { form } = value;
    return JSON.stringify({ secret: form.kind === 'encrypted' ? form.keyId : form.kind });
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, child]) => child !== undefined);
    const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, child]) => `${JSON.stringify(key)}:${canonicalText(child)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
