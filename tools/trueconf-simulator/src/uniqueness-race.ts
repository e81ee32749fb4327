import { parseNewConference } from './conference-fields.ts';
import type { ServerState } from './server-state.ts';

/** Takes the id that a creation asks for, as a stranger who was a moment faster would; bad bodies are left alone. */
export function provokeUniquenessRace(state: ServerState, body: unknown): void {
  if (typeof body !== 'object' || body === null || !('id' in body) || typeof body.id !== 'string') return;
  if (state.conferences.find(body.id)) return;
  const owner = state.users.all()[0]?.id ?? 'stranger';
  const stranger = parseNewConference({ id: body.id, topic: "A stranger's conference", owner });
  state.conferences.create(stranger, { cause: 'control', seq: null, note: () => undefined });
}
