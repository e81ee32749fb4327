import {
  claimConferences,
  claimLocalSteps,
  countOverdueStarts,
  listPlanned,
  nextConferenceDue,
  pruneConferences,
} from 'calendar-db/conferences';
import type { MeasuredSession } from '../measured-session.ts';
import { flat, grows, type Measured, type OperationTable } from '../operation-table.ts';

const SERVER = 'server.example#vcs';
const PER_CENT_DUE = 10;
const MOST = 20;
const RULES = { stopOnCancel: false, stopAfterEnd: false };
const CLAIM = { owner: '00000000-0000-4000-8000-000000000001', most: MOST, leaseMs: 60_000, ...RULES };

/** What a launcher asks after each notification. */
export const CONFERENCES: OperationTable = {
  name: 'conferences',
  title: 'What is due in TrueConf: nothing, and one conference in ten',
  of: 'conferences',
  need: (size) => ({ memoryMib: 512, diskMib: 200 + size * 0.002 }),
  fill: fillConferences,
};

async function fillConferences(session: MeasuredSession, size: number): Promise<Measured[]> {
  await session.fill('fill-conferences', [SERVER, size, PER_CENT_DUE]);
  await session.fill('fill-claims');
  const steps = (what: string, run: Measured['run']) => flat(what, run, 'conferences');
  return [
    steps(`claim of ${MOST} of the due ones`, (db) => claimConferences(db, { ...CLAIM, serverId: SERVER })),
    steps('claim on a server where nothing is due', (db) => claimConferences(db, { ...CLAIM, serverId: 'empty#vcs' })),
    steps('claim of steps without a request, others are due', (db) => claimLocalSteps(db, CLAIM)),
    steps('next step of a server that has some due', (db) => nextConferenceDue(db, SERVER, RULES)),
    steps('next step of a server that has nothing to come', (db) => nextConferenceDue(db, 'empty#vcs', RULES)),
    steps('next step without a request', (db) => nextConferenceDue(db, null, RULES)),
    // It counts them.
    grows('conferences', 'overdue starts', (db) => countOverdueStarts(db, [], 10_000)),
    steps('prune, nothing is old', (db) => pruneConferences(db)),
    grows('conferences', 'plan of the next hour, for the operator', (db) => listPlanned(db, new Date(Date.now()))),
  ];
}
