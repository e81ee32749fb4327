import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, type SchemaNode } from './config-json-schema.ts';
import { renderConfigSchema, renderConfigurationDocs } from './render-docs.ts';

const HINT = 'stale: run "pnpm --filter connector-config run docs"';

function committed(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
}

/** Every key with its path. */
function keys(node: SchemaNode, prefix = ''): [string, SchemaNode][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    return [
      [path, child] as [string, SchemaNode],
      ...keys(child, `${path}.`),
      ...(child.items ? keys(child.items, `${path}[].`) : []),
    ];
  });
}

describe('the documentation of the config', () => {
  it('is the one that the schema gives', () => {
    expect(committed('configuration.md') === renderConfigurationDocs(), HINT).toBe(true);
    expect(committed('config.schema.json') === renderConfigSchema(), HINT).toBe(true);
  });

  it('has a row with a meaning and a reload rule for every key', () => {
    const docs = renderConfigurationDocs();
    for (const [path, node] of keys(configJsonSchema())) {
      expect(docs).toContain(`| \`${path}\` |`);
      expect(node.description, path).toMatch(/\.$/);
      expect(['live', 'restart'], path).toContain(node['x-reload']);
    }
  });

  it('is a JSON Schema without loss by its compact form', () => {
    expect(JSON.parse(renderConfigSchema())).toEqual(configJsonSchema());
  });
});
