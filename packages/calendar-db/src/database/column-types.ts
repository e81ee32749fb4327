import type { z } from 'zod';

/**
 * What node-postgres makes of a column of each Postgres type that a query may return. `bigint` and `numeric` are not among
 * them, since they come as text: a query casts them.
 */
interface ColumnValues {
  text: string;
  uuid: string;
  boolean: boolean;
  integer: number;
  'double precision': number;
  timestamptz: Date;
  bytea: Buffer;
}

/** What a parameter of each Postgres type takes. `jsonb` takes JSON text. */
interface ParameterValues extends Omit<ColumnValues, 'timestamptz'> {
  bigint: number;
  numeric: number;
  jsonb: string;
  /** As text a moment keeps the microseconds that it came with. */
  timestamptz: Date | string;
}

type PlainColumn = `${keyof ColumnValues}${'' | '[]'}${'' | '?'}`;

/** A Postgres type as SQL writes it; `?` says that the value, or an element of the array (`?[]`), may be null. */
export type Parameter = `${keyof ParameterValues}${'' | '?'}${'' | '[]'}`;

/** A column whose values are narrower than its Postgres type. */
export interface NarrowColumn<Value> {
  /** The Postgres type. */
  readonly type: 'text' | 'jsonb';
  readonly nullable: boolean;
  /** What is wrong with a value that is not null; undefined: nothing. Tests ask it for each row. */
  readonly mistake: (value: unknown) => string | undefined;
  /** Never set: it carries the TypeScript type. */
  readonly value?: Value;
}

/** A column of a query's row: its Postgres type, with `?` when it may be null, or one made by `oneOf` or `json`. */
export type Column = PlainColumn | NarrowColumn<unknown>;

/** The columns of a query's row, by name. */
export type Columns = Readonly<Record<string, Column>>;

type ColumnValue<C> =
  C extends NarrowColumn<infer Value>
    ? Value
    : C extends `${infer Type}?`
      ? ColumnValue<Type> | null
      : C extends `${infer Type extends keyof ColumnValues}[]`
        ? ColumnValues[Type][]
        : C extends keyof ColumnValues
          ? ColumnValues[C]
          : never;

/** The TypeScript type of a row of these columns. */
export type RowOf<C extends Columns> = { [Name in keyof C]: ColumnValue<C[Name]> };

type ParameterValue<P> = P extends `${infer Type}[]`
  ? readonly ParameterValue<Type>[]
  : P extends `${infer Type}?`
    ? ParameterValue<Type> | null
    : P extends keyof ParameterValues
      ? ParameterValues[P]
      : never;

/** The values that parameters of these types take, in their order. */
export type ValuesOf<P extends readonly Parameter[]> = { readonly [Place in keyof P]: ParameterValue<P[Place]> };

/** A text column that holds one of these values. */
export function oneOf<const Value extends string>(...values: Value[]): NarrowColumn<Value> {
  const known: ReadonlySet<unknown> = new Set(values);
  return {
    type: 'text',
    nullable: false,
    mistake: (value) => (known.has(value) ? undefined : `is ${JSON.stringify(value)}, not one of ${values.join(', ')}`),
  };
}

/** A jsonb column of this shape, as JSON has it: moments are text. */
export function json<Schema extends z.ZodType>(schema: Schema): NarrowColumn<z.infer<Schema>> {
  return { type: 'jsonb', nullable: false, mistake: (value) => schema.safeParse(value).error?.message };
}

/** The same column where it may be null. */
export function nullable<Value>(column: NarrowColumn<Value>): NarrowColumn<Value | null> {
  return { type: column.type, nullable: true, mistake: column.mistake };
}

/** The Postgres type of a column or parameter as SQL writes it. */
export function typeOf(declared: Column | Parameter): string {
  return typeof declared === 'string' ? declared.replace('?', '') : declared.type;
}

/** Whether a column may be null. */
export function isNullable(column: Column): boolean {
  return typeof column === 'string' ? column.endsWith('?') : column.nullable;
}
