import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest } from './api-route.ts';
import { concerns } from './conference-access.ts';
import { conferenceReply } from './conference-reply.ts';
import type { ConferenceRecord } from './conference-store.ts';
import type { ServerState } from './server-state.ts';

/** `GET /conferences` with its filters, pages from 1. */
export function listConferences(state: ServerState, request: ApiRequest): ApiReply {
  const { query, caller } = request;
  const userId = caller?.userId ?? null;
  const found = state.conferences
    .live()
    .filter((record) => (userId === null || concerns(state, record, userId)) && matches(state, record, query))
    .sort(order(query));
  const page = count(query, 'page', 1);
  const size = count(query, 'page_size', 20);
  const conferences = found.slice((page - 1) * size, page * size).map((record) => conferenceReply(state, record));
  return { status: 200, body: { results: found.length, conferences } };
}

function matches(state: ServerState, record: ConferenceRecord, query: URLSearchParams): boolean {
  const { fields } = record;
  const start = fields.schedule.start_time;
  const tests: Record<string, (value: string) => boolean> = {
    topic: (value) => contains(fields.topic, value),
    owner: (value) => state.users.shortId(fields.owner) === state.users.shortId(value),
    state: (value) => record.state === value,
    access: (value) => fields.access === value,
    mode: (value) => fields.mode === value,
    invitation: (value) => record.invitations.some(({ id }) => state.users.shortId(id) === state.users.shortId(value)),
    after: (value) => start !== undefined && start >= Number(value),
    before: (value) => start !== undefined && start <= Number(value),
    topic_cid_contains: (value) => contains(fields.topic, value) || contains(record.cid, value),
  };
  return Object.entries(tests).every(([name, test]) => {
    const value = query.get(name);
    return value === null || test(value);
  });
}

function order(query: URLSearchParams): (a: ConferenceRecord, b: ConferenceRecord) => number {
  const direction = query.get('sort_order') === '1' ? -1 : 1;
  const byTopic = query.get('sort_field') === 'topic';
  return (a, b) => direction * (byTopic ? a.fields.topic.localeCompare(b.fields.topic) : a.createdAtMs - b.createdAtMs);
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function count(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? otherwise);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new ApiError(400, 'invalidValue', `${name} has to be 1 to 1000`, { type: 'query', name });
}
