import {
  readConnectionRoom,
  readMailboxCounts,
  readStoppedCredentials,
  readSuspectMailboxes,
  readSyncGroupSizes,
} from 'calendar-db/operator';
import { listWorkers, type RegisteredWorker, WORKER_DEAD_AFTER_MS } from 'calendar-db/workers';
import { type StreamNeed, streamNeeds } from 'connector-config';
import type { CommandContext } from '../command-context.ts';
import { connectionNeed } from '../connection-need.ts';
import { renderTable, type TableRow } from '../render-table.ts';

const ANSWER_WITHIN_MS = 2_000;

/**
 * `status`: the workers, how each says it is, the mailboxes, those with a loss that is not believed, accounts that no worker
 * uses any more, and whether streams, accounts and connections do for what is configured and registered.
 */
export async function statusCommand(context: CommandContext): Promise<void> {
  const { config } = context.loadConfig();
  const known = await context.withDatabase(async (database) => ({
    workers: await listWorkers(database),
    mailboxes: await readMailboxCounts(database),
    suspects: await readSuspectMailboxes(database),
    stopped: await readStoppedCredentials(database),
    groups: await readSyncGroupSizes(database),
    room: await readConnectionRoom(database),
  }));
  const rows = await Promise.all(known.workers.map(workerRow));
  const mailboxes = known.mailboxes.map((counts): TableRow => ({ ...counts }));
  const suspects = known.suspects.map((mailbox): TableRow => ({ ...mailbox }));
  const stopped = known.stopped.map((account): TableRow => ({ ...account }));
  const streams = streamNeeds(config, (provider) => known.groups.get(provider) ?? []);
  const live = known.workers.filter(({ silentMs }) => silentMs <= WORKER_DEAD_AFTER_MS);
  const connections = connectionNeed(live, config, known.room);
  const shortages = streams.flatMap(({ provider, shortage }) =>
    shortage === null ? [] : [`${provider}: ${shortage}`],
  );
  const warnings = [...shortages, ...(connections.warning === null ? [] : [connections.warning])];
  const answer = {
    ...{ workers: rows, mailboxes, suspectMailboxes: suspects, stoppedAccounts: stopped },
    ...{ streams, connections, warnings },
  };
  context.answer(answer, () => [
    ...(rows.length === 0 ? ['no worker is registered'] : renderTable(rows)),
    '',
    ...(mailboxes.length === 0 ? ['no mailbox is known yet'] : renderTable(mailboxes)),
    ...(suspects.length === 0
      ? []
      : ['', 'suspect, with events to come that Exchange no longer shows (calendarctl confirm-mailbox):']),
    ...(suspects.length === 0 ? [] : renderTable(suspects)),
    ...(stopped.length === 0 ? [] : ['', 'refused by Exchange, and not used until their passwords are corrected:']),
    ...(stopped.length === 0 ? [] : renderTable(stopped)),
    '',
    ...renderTable(streams.map(streamRow)),
    '',
    ...renderTable(connections.kinds.map((kind): TableRow => ({ ...kind }))),
    `${connections.needed} connections to Postgres at most, ${connections.allowed} allowed, ${known.room.openNow} open now`,
    ...warnings.flatMap((warning) => ['', `warning: ${warning}`]),
  ]);
}

function streamRow({ provider, mailboxes, accounts, accountsNeeded, streamsNeeded, ...polls }: StreamNeed): TableRow {
  return {
    ...{ provider, listed: mailboxes, accounts, accountsNeeded, streamsNeeded },
    polled: polls.polledMailboxes,
    pollSeconds: Math.round(polls.pollSeconds),
  };
}

async function workerRow(worker: RegisteredWorker): Promise<TableRow> {
  const { kind, instance, host, pid, version, opsAddress, startedAt, seenAt } = worker;
  return {
    kind,
    instance,
    host,
    pid,
    version,
    ops: opsAddress,
    started: startedAt,
    seen: seenAt,
    state: await stateOf(worker),
  };
}

async function stateOf({ silentMs, draining, opsAddress }: RegisteredWorker): Promise<string> {
  if (silentMs > WORKER_DEAD_AFTER_MS) return `dead for ${Math.round(silentMs / 1000)} s`;
  if (draining) return 'draining';
  if (opsAddress === null) return 'alive';
  try {
    const response = await fetch(`http://${opsAddress}/readyz`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return describeReport(await response.json());
  } catch {
    // The ops listener is on that machine's loopback address: from elsewhere only the heartbeat is known.
    return 'alive (its ops address cannot be asked from here)';
  }
}

function describeReport(report: unknown): string {
  if (typeof report !== 'object' || report === null || !('state' in report)) return 'alive (answers nonsense)';
  const checks = 'checks' in report && typeof report.checks === 'object' ? Object.entries(report.checks ?? {}) : [];
  const troubled = checks
    .filter(([, check]) => check?.state !== 'ok')
    .map(([name, check]) => `${name}: ${check?.detail ?? '?'}`);
  return troubled.length === 0 ? String(report.state) : `${report.state} (${troubled.join('; ')})`;
}
