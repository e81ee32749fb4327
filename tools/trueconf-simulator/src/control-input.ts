import { z } from 'zod';

/** A user as the control API and the seed file give it. */
export const userInput = z
  .object({
    id: z.string().regex(/^[^\s@/]{1,64}$/),
    email: z.string().optional(),
    displayName: z.string().optional(),
    loginName: z.string().optional(),
    password: z.string().optional(),
    active: z.boolean().optional(),
  })
  .strict();

/** An OAuth application as the control API and the seed file give it. */
export const appInput = z
  .object({ clientId: z.string().min(1), clientSecret: z.string(), scopes: z.array(z.string()) })
  .strict();

export const settingsInput = z
  .object({
    runWhenRunning: z.enum(['refuse', 'accept']),
    unknownInvitees: z.enum(['accept', 'refuse']),
    firstUserPage: z.union([z.literal(0), z.literal(1)]),
    emailFilter: z.enum(['contains', 'equals']),
    emptyReplies: z.enum(['200', '204']),
    tokenLifetimeSeconds: z.number().positive(),
  })
  .partial()
  .strict();

export const journalQuery = z.object({
  after: z.coerce.number().int().nonnegative().default(0),
  route: z.string().optional(),
  cid: z.string().optional(),
  wait: z.coerce.number().int().min(0).max(600_000).default(0),
  settled: z.enum(['0', '1']).default('0'),
  limit: z.coerce.number().int().min(1).max(100_000).default(10_000),
});

export const joinInput = z.object({ ids: z.array(z.string().min(1)).min(1) }).strict();
