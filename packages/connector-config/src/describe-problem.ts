import type { z } from 'zod';
import type { ConfigLocation, ConfigProblem } from './config-errors.ts';
import { type SchemaNode, schemaAt } from './config-json-schema.ts';

/** Longest piece of a found text that is repeated in a message. */
const SHOWN_LENGTH = 60;

/** Puts a problem into its one line. */
export function problemAt(where: ConfigLocation, code: string, found: string, wanted: string): ConfigProblem {
  const path = where.path === '' ? '' : `${where.path}: `;
  return { ...where, code, message: `${where.file}:${where.line}: ${path}found ${found}, wanted ${wanted}` };
}

/** What a zod issue means for the person who wrote the config. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  schema: SchemaNode,
  input: unknown,
): { path: (string | number)[]; code: string; found: string; wanted: string } {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  // A key that breaks its table's rule: the issue inside tells what is wanted.
  if (issue.code === 'invalid_key') {
    const inner = issue.issues[0];
    return {
      path,
      code: 'invalid',
      found: `the key ${quote(String(path.at(-1)))}`,
      wanted: inner?.message ?? 'another key',
    };
  }
  const node = schemaAt(schema, path);
  const value = valueAt(input, path);
  const found = describeFound(value, node);
  if (issue.code === 'custom') {
    // The rule for a text also runs into an empty one; then the code of its cause is the truer name.
    const code = typeof issue.params?.code === 'string' ? issue.params.code : 'invalid';
    return { path, code, found, wanted: issue.message };
  }
  return { path, code: issueCode(issue, value), found, wanted: describeWanted(node) };
}

/** Tells a value's kind, and the value itself where it is short, expected there and no secret. */
export function describeFound(value: unknown, node: SchemaNode | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string')
    return node?.['x-secret']
      ? `a ${typeof value}`
      : `${typeof value === 'number' ? 'the number ' : ''}${String(value)}`;
  if (value === '') return 'an empty text';
  return mayShow(node) ? quote(value) : `a string of ${[...value].length} characters`;
}

/** Tells in words which values a key takes. */
export function describeWanted(node: SchemaNode | undefined): string {
  if (!node) return 'another value';
  if (node['x-wanted']) return node['x-wanted'];
  if (node.anyOf) return node.anyOf.map(describeWanted).join(' or ');
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' or ');
  switch (node.type) {
    case 'integer':
      return `a whole number${describeRange(node)}`;
    case 'number':
      return `a number${describeRange(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `a text${node.maxLength ? ` of at most ${node.maxLength} characters` : ''}`;
    case 'array':
      return `a list${node.minItems ? ' with at least one entry' : ''}`;
    default:
      return 'an object in { }';
  }
}

/** ` from a to b`, or nothing. */
function describeRange(node: SchemaNode): string {
  return node.minimum === undefined || node.maximum === undefined ? '' : ` from ${node.minimum} to ${node.maximum}`;
}

/** A text is repeated only where a plain value belongs: in a wrong place it may be a password. */
function mayShow(node: SchemaNode | undefined): boolean {
  if (!node || node['x-secret']) return false;
  if (node.anyOf) return node.anyOf.every(mayShow);
  return node.enum !== undefined || ['string', 'integer', 'number', 'boolean'].includes(node.type ?? '');
}

function quote(value: string): string {
  const shown = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value;
  return JSON.stringify(shown);
}

function issueCode(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'missing';
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      return 'wrong-type';
    case 'invalid_value':
      return 'unknown-value';
    case 'too_small':
      return Array.isArray(value) ? 'empty' : 'out-of-range';
    case 'too_big':
      return 'out-of-range';
    default:
      return 'invalid';
  }
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
