/** What is compared: the connector, and two servers that do as little as can be done. */
export const VARIANTS = ['product', 'floor', 'bare'] as const;

export type Variant = (typeof VARIANTS)[number];

/** A stamp of one change, unix ms with fractions. */
export interface Stamp {
  readonly variant: Variant;
  /** Number of the change within its variant. */
  readonly change: number;
  readonly atMs: number;
}

/** To the writer. */
export interface WriterTask {
  readonly databaseUrl: string;
  readonly people: readonly string[];
  readonly changes: number;
  readonly warmUp: number;
  /** Between two changes of the same variant. */
  readonly everyMs: number;
}

/** To the clients. */
export interface ClientsTask {
  readonly people: readonly string[];
  readonly urls: Readonly<Record<Variant, string>>;
}

/** The title of a changed event, by which its arrival is known. */
export function titleOf(change: number): string {
  return `change ${change}`;
}

export function changeOf(title: string): number | undefined {
  const match = /^change (\d+)$/u.exec(title);
  return match === null ? undefined : Number(match[1]);
}

/** Now, as exact as the process can tell. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
