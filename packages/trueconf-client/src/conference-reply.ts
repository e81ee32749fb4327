import { z } from 'zod';
import type { Conference, Invitation } from './conference.ts';
import { flagField, idField, numberField, textField, timeField } from './reply-fields.ts';

const invitation = z.object({ id: idField, display_name: textField, is_moderator: flagField }).transform(
  (raw): Invitation => ({
    id: raw.id,
    ...(raw.display_name === null ? {} : { displayName: raw.display_name }),
    ...(raw.is_moderator === null ? {} : { isModerator: raw.is_moderator }),
  }),
);

const schedule = z
  .object({ type: z.union([z.string(), z.number()]).transform(String), start_time: timeField, duration: numberField })
  .transform((raw) => ({ type: raw.type, start: raw.start_time, durationSeconds: raw.duration }))
  .nullish()
  .transform((value) => value ?? { type: 'none', start: null, durationSeconds: null });

const conference = z
  .object({
    id: idField,
    topic: z.string().catch(''),
    owner: z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]).catch(''),
    state: z.enum(['running', 'stopped']),
    description: textField,
    schedule,
    invitations: z.array(invitation).nullish(),
    auto_invite: flagField,
    tags: z.array(z.string()).nullish(),
    url: textField,
    web_client_url: textField,
    webclient_url: textField,
    session_id: textField,
  })
  .transform(
    (raw): Conference => ({
      id: raw.id,
      topic: raw.topic,
      owner: raw.owner,
      state: raw.state,
      description: raw.description,
      schedule: raw.schedule,
      invitations: raw.invitations ?? [],
      autoInvite: raw.auto_invite,
      tags: raw.tags ?? [],
      url: raw.url,
      webClientUrl: raw.web_client_url ?? raw.webclient_url,
      sessionId: raw.session_id,
    }),
  );

/** A conference in its envelope, or bare. */
export const conferenceReply = z.preprocess(unwrap, conference);

/** The list of invited people, enveloped or bare. */
export const invitationsReply = z.union([
  z.array(invitation),
  z.object({ invitations: z.array(invitation) }).transform(({ invitations }) => invitations),
]);

function unwrap(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'conference' in json ? json.conference : json;
}
