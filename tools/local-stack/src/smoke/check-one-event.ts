import { isMasked } from 'gateway-protocol';
import { addressOf, employee } from '../company/people.ts';
import type { Stack } from '../stack.ts';
import { SmokeError } from './smoke-error.ts';
import { until } from './until.ts';
import { titled, WatchedClient } from './watched-client.ts';

export interface EventFigures {
  /** From the end of the save in Exchange to the receipt at a client, worst of all changes made. */
  readonly eventToClientMs: number;
  /** From the meeting's start to the arrival of the run request at TrueConf Server. */
  readonly startLatenessMs: number;
}

const SOON_MS = 6_000;
const HOUR_MS = 3_600_000;
/** What is waited for at most; what counts is `MOST_MS`. */
const PATIENCE_MS = 10_000;
const MOST_MS = 1_000;
const MOST_LATENESS_MS = 2_000;

interface JournalEntry {
  readonly arrivedAtMs: number;
  readonly cid: string | null;
  readonly transitions: readonly string[];
}

/** Follows two meetings: one that starts its conference, one that is moved and called off. */
export async function checkOneEvent(stack: Stack): Promise<EventFigures> {
  const clients = [
    new WatchedClient(stack.addresses.gateway, 'anna'),
    new WatchedClient(stack.addresses.gateway, 'boris'),
  ];
  try {
    for (const client of clients) await client.live();
    const [anna, boris] = clients as [WatchedClient, WatchedClient];
    const start = new Date(Math.ceil((Date.now() + SOON_MS) / 1000) * 1000);
    const created = await createMeeting(stack, boris, 'Smoke test of a start', start);
    const changed = await moveAndCancel(stack, boris);
    const startLatenessMs = await conferenceStarts(stack, anna, start);
    const eventToClientMs = Math.max(created, changed);
    if (eventToClientMs > MOST_MS) {
      throw new SmokeError(
        `a change took ${Math.round(eventToClientMs)} ms from Exchange to the client; wanted at most ${MOST_MS}`,
      );
    }
    return { eventToClientMs: Math.round(eventToClientMs), startLatenessMs: Math.round(startLatenessMs * 10) / 10 };
  } finally {
    for (const client of clients) client.stop();
  }
}

/** @returns milliseconds from the save to the invited person's client */
async function createMeeting(stack: Stack, boris: WatchedClient, subject: string, start: Date): Promise<number> {
  await stack.outlook('anna').create({
    subject,
    start,
    end: new Date(start.getTime() + HOUR_MS),
    zone: employee('anna').zone,
    required: ['boris', 'chloe'].map(addressOf),
  });
  const savedAt = Date.now();
  const { at } = await boris.sees('the new meeting', titled(subject), PATIENCE_MS);
  return at - savedAt;
}

/** @returns the slower of the two, in milliseconds */
async function moveAndCancel(stack: Stack, boris: WatchedClient): Promise<number> {
  const subject = 'Smoke test of a change';
  const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS);
  const moved = new Date(start.getTime() + HOUR_MS);
  const created = await createMeeting(stack, boris, subject, start);
  const anna = stack.outlook('anna');
  const item = await anna.find(subject, start, moved);
  const changed = await anna.move(item, moved, new Date(moved.getTime() + HOUR_MS));
  const movedAt = Date.now();
  const seen = await boris.sees(
    'the move',
    (event) => titled(subject)(event) && event.start === moved.getTime(),
    PATIENCE_MS,
  );
  await anna.cancel(changed);
  const cancelledAt = Date.now();
  const lost = await boris.lost(seen.event.eventId, 'the cancelled meeting', PATIENCE_MS);
  return Math.max(created, seen.at - movedAt, lost.at - cancelledAt);
}

/** @returns how many milliseconds after the start the run request reached TrueConf Server */
async function conferenceStarts(stack: Stack, anna: WatchedClient, start: Date): Promise<number> {
  const { addresses } = stack;
  const running = await anna.sees(
    'the conference running',
    (event) => event.start === start.getTime() && !isMasked(event) && event.conference?.state === 'running',
    start.getTime() - Date.now() + PATIENCE_MS,
  );
  const cid = isMasked(running.event) ? undefined : running.event.conference?.id;
  const run = await until(
    'the run request is in the journal',
    async () => {
      const response = await fetch(`${addresses.journal}?route=run`);
      const { entries } = (await response.json()) as { entries: JournalEntry[] };
      return entries.find((entry) => entry.cid === cid && entry.transitions.includes('started'));
    },
    PATIENCE_MS,
  );
  await checkPeopleRung(addresses.trueconfControl, cid ?? '');
  const lateness = run.arrivedAtMs - start.getTime();
  if (lateness < 0) throw new SmokeError(`the conference was run ${-lateness} ms before its meeting began`);
  if (lateness > MOST_LATENESS_MS) throw new SmokeError(`the conference was run ${Math.round(lateness)} ms late`);
  return lateness;
}

async function checkPeopleRung(control: string, cid: string): Promise<void> {
  const response = await fetch(`${control}/conferences/${encodeURIComponent(cid)}`);
  const text = await response.text();
  const missing = ['boris', 'chloe'].filter((id) => !text.includes(`"${id}"`));
  if (missing.length > 0) throw new SmokeError(`the conference started without inviting ${missing.join(' and ')}`);
}
