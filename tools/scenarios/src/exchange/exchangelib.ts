import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { cachedCalendar, cachedMailboxes, calendarDifferences, PASSWORD, type ShownEvent } from 'stack-driver';
import type { Comparison } from '../proof/agreed.ts';
import type { ExchangeWorld } from './exchange-world.ts';

/** Debian's own interpreter: python3-exchangelib belongs to it, and it need not be the first python3 of the PATH. */
const PYTHON = '/usr/bin/python3';

/** A script of ours on exchangelib ended early. */
class ExchangelibFailedError extends Error {
  readonly code = 'scenario-exchangelib-failed';

  constructor(script: string, said: string) {
    super(`${script} failed (Debian: apt-get install python3-exchangelib); it said: ${said.slice(-2_000)}`);
    this.name = new.target.name;
  }
}

/** A change that was made, or the last line with how many there were. */
export interface WorkLine {
  readonly n?: number;
  readonly did?: string;
  readonly mailbox?: string;
  readonly done?: number;
  readonly refused?: number;
}

/**
 * Lets people work in their calendars through exchangelib, until so many changes are made or the time is over.
 *
 * @param onLine hears of every change
 * @returns what the last line says @throws ExchangelibFailedError
 */
export async function workInCalendars(
  world: ExchangeWorld,
  { changes, mostSeconds }: { readonly changes: number; readonly mostSeconds: number },
  onLine: (line: WorkLine) => void,
): Promise<WorkLine> {
  const { stack, addresses, random } = world;
  const child = run('work_in_calendars.py', {
    ...{ ewsUrl: stack.addresses.ews, password: PASSWORD, mailboxes: addresses },
    ...{ seed: random.seed, changes, mostSeconds },
  });
  let last: WorkLine = {};
  const lines = createInterface({ input: child.stdout! }).on('line', (line) => {
    last = JSON.parse(line) as WorkLine;
    onLine(last);
  });
  const [said] = await Promise.all([text(child.stderr!), new Promise((resolve) => lines.once('close', resolve))]);
  if (last.done === undefined) throw new ExchangelibFailedError('work_in_calendars.py', said);
  return last;
}

/** Compares every mailbox of the cache with what exchangelib reads of it, over the time that the cache covers. */
export async function compareWithExchangelib({ stack, database }: ExchangeWorld): Promise<Comparison<number>> {
  const mailboxes = await cachedMailboxes(database);
  const calendars = mailboxes.map(({ address, from, to }) => ({
    mailbox: address,
    from: from?.toISOString(),
    to: to?.toISOString(),
  }));
  const child = run('read_calendars.py', { ewsUrl: stack.addresses.ews, password: PASSWORD, calendars });
  const [out, said] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  if (!out.startsWith('{')) throw new ExchangelibFailedError('read_calendars.py', said);
  const read = JSON.parse(out) as Record<string, Record<string, ShownEvent>>;
  const differing: string[] = [];
  let compared = 0;
  for (const { id, address } of mailboxes) {
    const wanted = new Map(Object.entries(read[address] ?? {}));
    const { calendar } = await cachedCalendar(database, id);
    differing.push(...calendarDifferences(address, wanted, calendar));
    compared += wanted.size;
  }
  return { differing, compared };
}

function run(script: string, task: object): ChildProcess {
  const child = spawn(PYTHON, [new URL(`../../exchangelib/${script}`, import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Without an interpreter there is nobody to read: the empty output tells.
  child.once('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(task));
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  return child;
}
