import { z } from 'zod';
import { ApiError, invalidField, missingField } from './api-error.ts';

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

interface Schedule {
  type: 'none' | 'once' | 'week';
  start_time?: number | undefined;
  time?: string | undefined;
  duration?: number | undefined;
  special_time_offset?: number | undefined;
  days?: string[] | undefined;
}

const flag = z.union([z.literal(0), z.literal(1), z.boolean()]).transform(Number);

/** Fields that both POST and PATCH understand; what is not named here is ignored. */
const editable = z.object({
  topic: z.string().min(1).max(240),
  owner: z.string().min(1).max(64),
  mode: z.enum(['PxP', 'OxP', 'S|L', 'S|L Auto']).default('PxP'),
  access: z.enum(['private', 'public']).default('private'),
  description: z.string().max(65_536).default(''),
  schedule: z.unknown().optional(),
  auto_invite: flag.default(0),
  tags: z.array(z.string().max(256)).default([]),
  max_participants: z.int().positive().optional(),
  max_podiums: z.int().positive().optional(),
  waiting_room_enabled: z.boolean().default(false),
  recording_enabled: z.boolean().default(false),
  broadcast_enabled: z.boolean().default(false),
  auto_termination_enabled: z.boolean().default(false),
  on_join_mute_mic: z.boolean().default(false),
  on_join_mute_camera: z.boolean().default(false),
  pin: z.string().max(64).optional(),
});

export const invitationFields = z.object({
  id: z.string().min(1).max(256),
  display_name: z.string().max(256).optional(),
  is_moderator: z.boolean().optional(),
});

const creatable = editable.extend({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,128}$/)
    .optional(),
  invitations: z.array(invitationFields).max(10_000).default([]),
});

export type InvitationFields = z.infer<typeof invitationFields>;
export type ConferenceFields = Omit<z.infer<typeof editable>, 'schedule'> & { schedule: Schedule };
export type NewConference = ConferenceFields & { id?: string | undefined; invitations: InvitationFields[] };

/** @throws ApiError 400 naming the first bad field. */
export function parseNewConference(body: unknown): NewConference {
  const fields = parseFields(creatable, body);
  const schedule = parseSchedule(fields.schedule ?? { type: 'none' }, (name) => missingField(`schedule.${name}`));
  return { ...fields, schedule };
}

/**
 * Only the fields that the body carries. `id` and `invitations` are ignored.
 *
 * @throws ApiError 400 for a bad field, 500 for a schedule that lacks a field of its type, as the real server does.
 */
export function parseConferencePatch(body: unknown): Partial<ConferenceFields> {
  const given = new Set(Object.keys(object(body)));
  const parsed = parseFields(editable.partial(), body);
  const fields = Object.fromEntries(Object.entries(parsed).filter(([name]) => given.has(name)));
  if (!given.has('schedule')) return fields as Partial<ConferenceFields>;
  const incomplete = () => new ApiError(500, null, 'Internal Server Error');
  return { ...fields, schedule: parseSchedule(fields.schedule, incomplete) };
}

function parseSchedule(value: unknown, missing: (name: string) => ApiError): Schedule {
  const raw = object(value, 'schedule');
  const type = z.enum(['none', 'once', 'week']).safeParse(raw.type);
  if (!type.success) throw raw.type === undefined ? missing('type') : invalidField('schedule.type', 'is unknown');
  if (type.data === 'none') return { type: 'none' };
  const required = ['start_time', 'time', 'special_time_offset', 'duration', ...(type.data === 'week' ? ['days'] : [])];
  for (const name of required) if (raw[name] === undefined) throw missing(name);
  const schedule = parseFields(completeSchedule, raw, 'schedule.');
  if (type.data === 'week' && schedule.days?.length === 0) throw missing('days');
  return { type: type.data, ...schedule };
}

const completeSchedule = z
  .object({
    start_time: z.int().positive(),
    time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    duration: z.int().min(60).max(86_399),
    special_time_offset: z
      .int()
      .min(-14 * 60)
      .max(14 * 60),
    days: z.array(z.enum(weekdays)).optional(),
  })
  .refine((schedule) => schedule.time === utcTime(schedule.start_time), {
    path: ['time'],
    message: 'is not the UTC time of start_time',
  });

function utcTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(11, 16);
}

export function object(value: unknown, name = 'body'): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidField(name, 'has to be an object');
}

/** @throws ApiError 400 `missingRequiredField` or `invalidValue` for the first issue. */
export function parseFields<Output>(schema: z.ZodType<Output>, body: unknown, prefix = ''): Output {
  const raw = object(body);
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = `${prefix}${issue?.path.join('.') ?? ''}`;
  const first = String(issue?.path[0] ?? '');
  throw issue?.path.length === 1 && raw[first] === undefined
    ? missingField(name)
    : invalidField(name, issue?.message ?? 'is not valid');
}
