import { defineQuery, type Queryable } from '../database/query.ts';

const sql = { notify: defineQuery('workers/notify', { params: ['text', 'text'] }) };

/** The channel on which workers are told about each other, reloads, stops and breaking migrations. */
export const WORKER_CHANNEL = 'calendar_worker';

/** A message on that channel; it carries one of these keys. */
export interface WorkerMessage {
  /** Kind of worker whose registry rows changed. */
  readonly registry?: string;
  /** Mailboxes came, went, changed their group, or are healthy or not since a moment ago. */
  readonly mailboxes?: string;
  /** Schema version of a breaking migration that was applied. */
  readonly breaking?: number;
  /** Who shall read its configuration again: a worker's id, a kind of worker, or `all`. */
  readonly reload?: string;
  /** Who shall drain and leave: a worker's id, a kind of worker, or `all`. */
  readonly stop?: string;
}

/** Sends a message to all workers that listen now; who does not must find what it needs in the tables. */
export async function notifyWorkers(db: Queryable, message: WorkerMessage): Promise<void> {
  await db.query(sql.notify, [WORKER_CHANNEL, JSON.stringify(message)]);
}

/** Reads what came on the channel. @returns null for what is not a message: somebody else's text is no reason to fall. */
export function parseWorkerMessage(value: unknown): WorkerMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  const given: Partial<Record<keyof WorkerMessage, unknown>> = value;
  const message: WorkerMessage = {
    ...(typeof given.registry === 'string' ? { registry: given.registry } : {}),
    ...(typeof given.mailboxes === 'string' ? { mailboxes: given.mailboxes } : {}),
    ...(typeof given.breaking === 'number' ? { breaking: given.breaking } : {}),
    ...(typeof given.reload === 'string' ? { reload: given.reload } : {}),
    ...(typeof given.stop === 'string' ? { stop: given.stop } : {}),
  };
  return Object.keys(message).length === 0 ? null : message;
}
