import type { z } from 'zod';
import { prettifyError } from 'zod';
import type { EwsParts } from '../http/ews-parts.ts';
import { ControlError } from './control-error.ts';

/** One route: method, path with `:name` segments, and what it does. The result, or what it resolves to, becomes the JSON body. */
export interface ControlRoute {
  readonly method: string;
  readonly path: string;
  readonly run: (input: ControlInput, parts: EwsParts) => unknown;
}

interface ControlInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** The body in its proper shape. @throws ControlError 400 saying what is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ControlError(400, prettifyError(result.error));
}
