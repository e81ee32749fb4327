import { z } from 'zod';

/** Path of the WebSocket endpoint; one trailing slash is fine. */
export const WEBSOCKET_PATH = '/websocket/calendar';

/** The one WebSocket subprotocol: echoed when offered, meant when none is, any other refused. */
export const SUBPROTOCOL = 'json.v1';

/** Path of the token endpoint. */
export const TOKEN_PATH = '/bridge/api/client/v1/oauth/token';

const frameId = z.int().min(0).max(0xffff_ffff).describe('chosen by the sender, one counter per direction');

/** A call, or a push of the gateway. */
export const requestFrame = z.object({
  type: z.literal(1).describe('request'),
  id: frameId,
  method: z.string().min(1).max(64),
  payload: z.record(z.string(), z.unknown()).default({}),
});

/** The answer to the request with the same id of the other side; without a payload it is an acknowledgement. */
export const responseFrame = z.object({
  type: z.literal(2).describe('response'),
  id: frameId,
  payload: z.record(z.string(), z.unknown()).optional(),
});

export type RequestFrame = z.output<typeof requestFrame>;
export type ResponseFrame = z.output<typeof responseFrame>;

/** Payload of a response that says no. */
export const failurePayload = z.object({
  errorCode: z.int().min(1).describe('see the table of codes'),
  errorDescription: z.string().optional().describe('what is wrong and what to do, in English'),
});
export type FailurePayload = z.output<typeof failurePayload>;

/**
 * What a text turned out to be:
 * `unreadable`: no JSON object; `invalid`: no envelope, `id` tells whom to answer when it could be read.
 */
export type ReadFrame =
  | { readonly kind: 'request'; readonly frame: RequestFrame }
  | { readonly kind: 'response'; readonly frame: ResponseFrame }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'invalid'; readonly id: number | undefined; readonly problem: string };

/** Reads one frame of either side. Never throws. */
export function readFrame(text: string): ReadFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unreadable' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'unreadable' };
  const type: unknown = 'type' in value ? value.type : undefined;
  if (type === 2) {
    const response = responseFrame.safeParse(value);
    return response.success
      ? { kind: 'response', frame: response.data }
      : { kind: 'invalid', id: undefined, problem: describeIssues(response.error) };
  }
  const request = requestFrame.safeParse(value);
  if (request.success) return { kind: 'request', frame: request.data };
  const id = frameId.safeParse('id' in value ? value.id : undefined);
  // A frame that does not even claim to be a request has nobody waiting for an answer.
  const answerable = type === 1 && id.success;
  return { kind: 'invalid', id: answerable ? id.data : undefined, problem: describeIssues(request.error) };
}

/** The first few problems of a value, each with its path: `payload.from: expected number`. */
export function describeIssues(error: z.ZodError, prefix = ''): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${[prefix, ...issue.path].filter((step) => step !== '').join('.') || 'frame'}: ${issue.message}`)
    .join('; ');
}
