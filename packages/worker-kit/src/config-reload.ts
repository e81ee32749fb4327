import { type ConnectorConfig, diffReload } from 'connector-config';

/** What a reload comes to. */
export interface ReloadPlan {
  /** The config in use with everything taken over that can change at run time. */
  readonly config: ConnectorConfig;
  /** JSON paths that changed and take effect now. */
  readonly live: readonly string[];
  /** JSON paths that changed and wait for the next start. */
  readonly restart: readonly string[];
}

/** Merges a config that was read again into the one in use. Neither is changed. */
export function planReload(current: ConnectorConfig, next: ConnectorConfig): ReloadPlan {
  const { live, restart } = diffReload(current, next);
  const config = live.reduce<unknown>((merged, path) => take(merged, next, path.split('.')), current);
  return { config: config as ConnectorConfig, live, restart };
}

/** A copy of `into` with the value at `path` from `from`. Paths lead through objects only, a list is taken as a whole. */
function take(into: unknown, from: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return from;
  const target = into as Record<string, unknown>;
  const source = from as Record<string, unknown>;
  return { ...target, [key]: take(target[key], source[key], rest) };
}
