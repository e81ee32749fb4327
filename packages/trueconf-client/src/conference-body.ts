import type { ConferenceInput, ConferencePatch, ConferenceSchedule, Invitation } from './conference.ts';

type Body = Record<string, unknown>;

/** Body of `POST /conferences` (v4). */
export function createBody(input: ConferenceInput): Body {
  const { id, invitations = [], ...rest } = input;
  const defaults = { mode: 'PxP', access: 'private', schedule: { type: 'none' }, autoInvite: false } as const;
  return {
    ...(id === undefined ? {} : { id }),
    ...patchBody({ ...defaults, ...rest }),
    invitations: invitations.map(invitationBody),
  };
}

/** Body of `PATCH /conferences/{cid}` (v4): only the given fields, but a schedule always whole (else HTTP 500). */
export function patchBody(patch: ConferencePatch): Body {
  const { schedule, autoInvite, ...same } = patch;
  return {
    ...same,
    ...(schedule === undefined ? {} : { schedule: scheduleBody(schedule) }),
    ...(autoInvite === undefined ? {} : { auto_invite: autoInvite ? 1 : 0 }),
  };
}

export function invitationBody(invitation: Invitation): Body {
  const { id, displayName, isModerator } = invitation;
  return {
    id,
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(isModerator === undefined ? {} : { is_moderator: isModerator }),
  };
}

function scheduleBody(schedule: ConferenceSchedule): Body {
  if (schedule.type === 'none') return { type: 'none' };
  return {
    type: 'once',
    start_time: Math.floor(schedule.start.getTime() / 1000),
    // The server wants the clock time in UTC beside the instant.
    time: schedule.start.toISOString().slice(11, 16),
    duration: schedule.durationSeconds,
    special_time_offset: schedule.utcOffsetMinutes,
  };
}
