import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import type { ReloadRule } from './schema/config-key.ts';

/** The part of JSON Schema (2020-12) that the config uses, with the connector's own `x-` keywords. */
export type SchemaNode = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxLength?: number;
  properties?: Record<string, SchemaNode>;
  required?: readonly string[];
  items?: SchemaNode;
  additionalProperties?: SchemaNode;
  anyOf?: readonly SchemaNode[];
  'x-reload'?: ReloadRule;
  'x-vendor'?: boolean;
  'x-secret'?: boolean;
  'x-path'?: boolean;
  /** What a text must be, where its type alone does not tell. */
  'x-wanted'?: string;
};

const schema: SchemaNode = {
  ...(z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode),
  description: 'config.json of the Calendar Connector for TrueConf',
};

/** JSON Schema of `config.json` as an operator writes it; editors complete and check with it. */
export function configJsonSchema(): Readonly<SchemaNode> {
  return schema;
}

/** The schema of the value at a path, or undefined where nothing is known. */
export function schemaAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    node = typeof step === 'number' ? node?.items : childSchema(node, String(step));
  }
  return node;
}

/** The schema of one key of an object: a named key, or any key of a table such as `users`. */
export function childSchema(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  if (node?.properties && Object.hasOwn(node.properties, key)) return node.properties[key];
  return node?.additionalProperties;
}
