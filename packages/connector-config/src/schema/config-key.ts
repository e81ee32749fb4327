import type { z } from 'zod';

/** Whether a changed key takes effect on reload (SIGHUP, `calendarctl reload`) or only when the worker starts again. */
export type ReloadRule = 'live' | 'restart';

/**
 * Attaches what documentation, JSON Schema, unknown-key hints and reloading need to one key. Call it last: the text
 * belongs to the schema object it is called on.
 */
export function configKey<S extends z.ZodType>(reload: ReloadRule, description: string, schema: S): S {
  return schema.meta({ description, 'x-reload': reload });
}

/** Same, for a key of the vendor's own `config.json`. */
export function vendorKey<S extends z.ZodType>(reload: ReloadRule, description: string, schema: S): S {
  return schema.meta({ description, 'x-reload': reload, 'x-vendor': true });
}
