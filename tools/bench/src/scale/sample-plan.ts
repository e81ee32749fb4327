import type { ConferencePlan } from 'calendar-db/conferences';

const HOUR_MS = 3_600_000;

/** A plan for an event: a conference of our own with so many invitees that begins tomorrow. */
export function planOf(eventId: string, people: number): ConferencePlan {
  const startMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS;
  return {
    eventId,
    wanted: 'own',
    reason: null,
    serverId: 'server.example#vcs',
    ownerId: 'person-0',
    topic: 'Planning',
    description: '',
    invitees: Array.from({ length: people }, (_, n) => ({ id: `person-${n}`, address: `person-${n}@corp.example` })),
    autoInvite: true,
    seriesKey: null,
    linkCid: null,
    linkUrl: null,
    runs: true,
    startMs,
    endMs: startMs + HOUR_MS,
    createMs: startMs - HOUR_MS,
    openMs: startMs,
    giveUpMs: startMs + HOUR_MS / 2,
  };
}
