import { z } from 'zod';
import { parseServerTime } from './server-time.ts';

/** Ids come as strings, now and then as numbers. */
export const idField = z.union([z.string().min(1), z.number()]).transform(String);

/** Text that may be absent, null or empty: null then. */
export const textField = z
  .string()
  .nullish()
  .transform((text) => text || null);

/** 0/1, '0'/'1' or a boolean; null when absent. */
export const flagField = z
  .union([z.boolean(), z.number(), z.string()])
  .nullish()
  .transform((value) => (value == null ? null : value === true || value === 'true' || Number(value) === 1));

export const timeField = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => parseServerTime(value));

/** A number or a numeric string; null when absent or neither. */
export const numberField = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => (value == null || value === '' || Number.isNaN(Number(value)) ? null : Number(value)));
