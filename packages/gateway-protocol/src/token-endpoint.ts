import { z } from 'zod';

/** Body of `POST /bridge/api/client/v1/oauth/token`, as JSON. */
export const tokenRequest = z.discriminatedUnion('grant_type', [
  z.object({
    client_id: z.literal('calendar'),
    grant_type: z.literal('password'),
    username: z.string().min(1).max(320).describe('TrueConf ID; `user@server` where there are several servers'),
    password: z.string().min(1).max(1024),
  }),
  z.object({
    client_id: z.literal('calendar'),
    grant_type: z.literal('refresh_token'),
    refresh_token: z.string().min(1).max(1024),
  }),
]);

/** Its answer, with status 201. */
export const tokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal('JWT'),
  expires_in: z.int().describe('seconds'),
  expires_at: z.int().describe('unix time in seconds'),
  refresh_token: z.string().optional().describe('with `password` only: good for every refresh until it expires'),
  refresh_expires_in: z.int().optional().describe('seconds'),
});

/** Its refusal (RFC 6749 §5.2). */
export const tokenRefusal = z.object({ error: z.string(), error_description: z.string() });

export type TokenRequest = z.output<typeof tokenRequest>;
export type TokenReply = z.output<typeof tokenReply>;
export type TokenRefusal = z.output<typeof tokenRefusal>;
