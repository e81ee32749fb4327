import type { ConferenceRecord } from './conference-store.ts';
import type { ServerState } from './server-state.ts';

export type ConferenceReply = Record<string, unknown>;

/** A conference as v4 answers it: no `time` in the schedule, times as strings. */
export function conferenceReply(state: ServerState, record: ConferenceRecord): ConferenceReply {
  const { schedule, pin, ...fields } = record.fields;
  const { time: _, start_time: start, ...rest } = schedule;
  return {
    id: record.cid,
    ...fields,
    pin_enabled: pin !== undefined,
    state: record.state,
    session_id: record.sessionId,
    schedule: {
      ...rest,
      ...(start !== undefined && { start_time: String(start), end_time: String(start + (schedule.duration ?? 0)) }),
    },
    invitations: record.invitations.map((invitation) => ({
      ...invitation,
      display_name: invitation.display_name ?? state.users.find(invitation.id)?.displayName ?? invitation.id,
    })),
    created_at: Math.floor(record.createdAtMs / 1000),
    url: `${state.publicUrl}/c/${record.cid}`,
    web_client_url: `${state.publicUrl}/webrtc/${record.cid}`,
  };
}
