import { type CalendarChange, type CalendarEvent, isMasked } from 'gateway-protocol';
import { EMPLOYEES } from './company/people.ts';
import type { Reporter } from './parts/reporter.ts';
import { personClient } from './person-client.ts';

/** Changes that come together and are shown one by one; a change of a whole series is one line. */
const MOST_LINES = 3;

/** Entries of the TrueConf simulator's journal that the console shows. */
interface JournalEntry {
  readonly seq: number;
  readonly route: string;
  readonly cid: string | null;
  readonly transitions: readonly string[];
}

/**
 * Shows on the console what clients see and what TrueConf Server does, as it happens, until stopped.
 *
 * @returns ends it
 */
export function startLiveFeed(gatewayUrl: string, journalUrl: string, reporter: Reporter): () => void {
  const clients = EMPLOYEES.map(({ id }) => {
    const client = personClient(gatewayUrl, id);
    let settled = false;
    client.on('change', (change) => {
      if (settled) tellChange(id, change, reporter);
      settled = true;
    });
    client.on('problem', (problem) => reporter.live(id, `connection: ${problem.message}`));
    client.start();
    return client;
  });
  const following = new AbortController();
  void followJournal(journalUrl, reporter, following.signal);
  return () => {
    following.abort();
    for (const client of clients) client.stop();
  };
}

function tellChange(id: string, { upserted, removed }: CalendarChange, reporter: Reporter): void {
  const [first] = upserted;
  if (upserted.length > MOST_LINES && first !== undefined) {
    reporter.live(id, `sees ${upserted.length} changed events, one of them ${eventText(first)}`);
  } else {
    for (const event of upserted) reporter.live(id, `sees ${eventText(event)}`);
  }
  if (removed.length > 0) reporter.live(id, `no longer sees ${removed.length} event${removed.length === 1 ? '' : 's'}`);
}

function eventText(event: CalendarEvent): string {
  const when = new Date(event.start).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  if (isMasked(event)) return `a private event on ${when}`;
  const conference = event.conference === null ? '' : `, conference ${event.conference.state}`;
  return `“${event.title}” on ${when}${event.cancelled ? ', cancelled' : ''}${conference}`;
}

async function followJournal(journalUrl: string, reporter: Reporter, signal: AbortSignal): Promise<void> {
  for (let after = 0; !signal.aborted; ) {
    try {
      const response = await fetch(`${journalUrl}?after=${after}&wait=20000&settled=1`, { signal });
      const { entries } = (await response.json()) as { entries: JournalEntry[] };
      for (const entry of entries) {
        after = entry.seq;
        const news = entry.transitions.filter((transition) =>
          ['created', 'started', 'deleted', 'rang'].includes(transition),
        );
        if (news.length > 0) reporter.live('TrueConf', `${entry.route} ${entry.cid ?? ''}: ${news.join(', ')}`);
      }
    } catch (error) {
      if (!signal.aborted)
        reporter.problem(`the TrueConf simulator's journal cannot be read: ${(error as Error).message}`);
      return;
    }
  }
}
