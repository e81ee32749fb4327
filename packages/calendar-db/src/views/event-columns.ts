import { z } from 'zod';

/** The values of text columns of `event`. */
export const OCCURRENCE_KINDS = ['single', 'occurrence', 'exception'] as const;
export const RESPONSES = ['organizer', 'accepted', 'tentative', 'declined', 'notResponded', 'unknown'] as const;
export const FREE_BUSY = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere', 'noData'] as const;
export const SENSITIVITIES = ['normal', 'personal', 'private', 'confidential'] as const;

/** An element of `event.attendees`. */
export const ATTENDEE = z.strictObject({
  address: z.string().nullable(),
  name: z.string(),
  role: z.enum(['required', 'optional', 'resource']),
  response: z.enum(RESPONSES),
  respondedAt: z.int().optional(),
});
