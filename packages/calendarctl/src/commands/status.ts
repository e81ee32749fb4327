import { readMailboxCounts, readStoppedCredentials, readSuspectMailboxes } from 'calendar-db/operator';
import { listWorkers, type RegisteredWorker, WORKER_DEAD_AFTER_MS } from 'calendar-db/workers';
import type { CommandContext } from '../command-context.ts';
import { renderTable, type TableRow } from '../render-table.ts';

const ANSWER_WITHIN_MS = 2_000;

/** `status`: the workers, how each says it is, the mailboxes, those with a loss that is not believed, and refused accounts. */
export async function statusCommand(context: CommandContext): Promise<void> {
  const { workers, mailboxes, suspects, stopped } = await context.withDatabase(async (database) => ({
    workers: await listWorkers(database),
    mailboxes: await readMailboxCounts(database),
    suspects: await readSuspectMailboxes(database),
    stopped: await readStoppedCredentials(database),
  }));
  const rows = await Promise.all(workers.map(workerRow));
  const counts = mailboxes.map((counts): TableRow => ({ ...counts }));
  const suspect = suspects.map((mailbox): TableRow => ({ ...mailbox }));
  const accounts = stopped.map((account): TableRow => ({ ...account }));
  const answer = { workers: rows, mailboxes: counts, suspectMailboxes: suspect, stoppedAccounts: accounts };
  context.answer(answer, () => [
    ...(rows.length === 0 ? ['no worker is registered'] : renderTable(rows)),
    '',
    ...(counts.length === 0 ? ['no mailbox is known yet'] : renderTable(counts)),
    ...(suspect.length === 0
      ? []
      : ['', 'suspect, with events to come that Exchange no longer shows (calendarctl confirm-mailbox):']),
    ...(suspect.length === 0 ? [] : renderTable(suspect)),
    ...(accounts.length === 0 ? [] : ['', 'refused by Exchange, and not used until their passwords are corrected:']),
    ...(accounts.length === 0 ? [] : renderTable(accounts)),
  ]);
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
