/** As much of JSON Schema as zod writes for this protocol. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly not?: object;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
}

/** A schema as a reader would write its type: `"required" \| "optional"`, `Attendee[]`, `integer or null`. */
function typeText(node: SchemaNode): string {
  if (node.$ref !== undefined) return node.$ref.slice(node.$ref.lastIndexOf('/') + 1);
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  const union = node.anyOf ?? node.oneOf;
  if (union !== undefined) return union.map(typeText).join(' or ');
  if (node.type === 'array') return `${typeText(node.items ?? {})}[]`;
  if (node.format === 'uuid') return 'UUID';
  return node.type ?? 'any';
}

/** Rows of a Markdown table: one per field, optional ones marked with `?`. */
export function fieldTable(node: SchemaNode): string {
  const fields = Object.entries(node.properties ?? {}).filter(([, field]) => field.not === undefined);
  if (fields.length === 0) return '`{}`\n';
  const rows = fields.map(([name, field]) => {
    const optional = node.required?.includes(name) ? '' : '?';
    return `| \`${name}${optional}\` | ${typeText(field)}${bounds(field)} | ${field.description ?? ''} |`;
  });
  return ['| field | type | |', '|---|---|---|', ...rows, ''].join('\n');
}

function bounds(node: SchemaNode): string {
  if (node.maxLength !== undefined) return `, at most ${node.maxLength} characters`;
  const { minimum, maximum } = node;
  if (minimum === undefined || maximum === undefined || !isTelling(minimum) || !isTelling(maximum)) return '';
  return `, ${minimum} to ${maximum}`;
}

/** The limits of JavaScript's own numbers and dates say nothing about the protocol. */
function isTelling(bound: number): boolean {
  return Math.abs(bound) < 2 ** 32;
}
