import type { DatabaseOptions, Queryable } from 'calendar-db/database';
import { type CalendarListener, detectPooler } from 'calendar-db/notifications';
import { checkTriggers } from 'calendar-db/schema';
import type { DatabaseClock } from './database-clock.ts';
import type { Health, HealthState } from './health.ts';
import type { Logger } from './log.ts';
import { runLoop } from './loop.ts';
import { describeError } from './redaction.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';
import type { WorkerKind } from './worker-definition.ts';
import type { WorkerRegistry } from './worker-registry.ts';

/** An answer counts for so many intervals. */
const FRESH_INTERVALS = 5;
const CLOCK_OFF_MS = 5_000;
/** The listener proves itself every ten seconds and needs ten at most. */
const LISTEN_PROOF_MS = 22_000;
const POOLER_LOOK_MS = 10_000;

/** Asks the database for its time again and again: check `database`, and what keeps the clock right. */
export function databaseProbe(
  clock: DatabaseClock,
  health: Health,
  parent: RunningState,
  log: Logger,
  everyMs: number,
): Service {
  const running = parent.child('database probe');
  const check = health.check('database', { maxAgeMs: everyMs * FRESH_INTERVALS });
  health.computed('clock', () => {
    const offset = Math.round(clock.offsetMs);
    if (!clock.known || Math.abs(offset) <= CLOCK_OFF_MS) return { state: 'ok', detail: `${offset} ms` };
    const detail = `this machine's clock is ${Math.abs(offset)} ms ${offset > 0 ? 'behind' : 'ahead of'} the database's; set it by NTP`;
    return { state: 'degraded', detail };
  });
  const once = async () => {
    try {
      await clock.refresh();
      check.ok(`answers in ${clock.roundTripMs.toFixed(1)} ms`);
    } catch (error) {
      check.unready(`does not answer: ${describeError(error).message}`);
      throw error;
    }
  };
  return {
    id: 'database probe',
    run: () => runLoop(running, log, { name: 'database probe', every: everyMs, once }),
    stop: () => running.stop(),
  };
}

/**
 * Looks whether the triggers that write the change log are all there: check `triggers`. Without them a worker that reacts to
 * changes hears nothing; to one that only writes it is a reason to be looked at.
 */
export function triggerProbe(
  database: Queryable,
  kind: WorkerKind,
  health: Health,
  parent: RunningState,
  log: Logger,
  everyMs: number,
): Service {
  const running = parent.child('trigger probe');
  const check = health.check('triggers', { maxAgeMs: everyMs * FRESH_INTERVALS });
  const once = async () => {
    const problems = await checkTriggers(database);
    if (problems.length === 0) return check.ok();
    const detail = `in the database ${problems.map(({ name, drift }) => `${name} is ${drift}`).join(', ')}; "calendarctl migrate" puts functions back, triggers have to be made as the migrations make them`;
    if (kind === 'sync-worker') check.degraded(detail);
    else check.unready(detail);
  };
  return {
    id: 'trigger probe',
    run: () => runLoop(running, log, { name: 'trigger probe', every: everyMs, once, quiet: true }),
    stop: () => running.stop(),
  };
}

/**
 * Adds `listen`: whether notifications were proven to arrive lately. While none do, looks for the usual reason, a connection
 * pooler that hands sessions around.
 * @param database where the listener listens
 * @param everyMs between two looks for a pooler; a listener that does not listen by the second one counts as failed
 */
export function listenProbe(
  listener: CalendarListener,
  database: DatabaseOptions,
  kind: WorkerKind,
  health: Health,
  parent: RunningState,
  log: Logger,
  everyMs: number = POOLER_LOOK_MS,
): Service {
  const running = parent.child('listen probe');
  const bad: HealthState = kind === 'sync-worker' ? 'degraded' : 'unready';
  let pooler: string | null = null;
  let looks = 0;
  health.computed('listen', () => {
    const { state, provenAt } = listener;
    if (state !== 'listening' || provenAt === null) {
      // A listener that has just begun to connect has the time between two looks.
      return { state: bad, detail: pooler ?? 'no connection listens', pending: provenAt === null && looks < 2 };
    }
    const ageMs = Date.now() - provenAt.getTime();
    if (ageMs <= LISTEN_PROOF_MS) return { state: 'ok', detail: '' };
    return { state: bad, detail: `it is ${Math.round(ageMs / 1000)} s since notifications were proven to arrive` };
  });
  const once = async () => {
    pooler = listener.state === 'listening' ? null : (await detectPooler(database)).problem;
    looks++;
  };
  return {
    id: 'listen probe',
    run: () => runLoop(running, log, { name: 'listen probe', every: everyMs, once, quiet: true }),
    stop: () => running.stop(),
  };
}

/** Adds `agreement`: whether the live workers have the same config and key, as far as this one uses them. */
export function addAgreementCheck(health: Health, registry: WorkerRegistry): void {
  health.computed('agreement', () => {
    const { workerId, kind, configDigests, keyId } = registry.entry;
    const differences = new Set<string>();
    for (const peer of registry.livePeers()) {
      if (peer.workerId === workerId) continue;
      const name = `${peer.kind} ${peer.instance} on ${peer.host}`;
      if (peer.keyId !== null && keyId !== null && peer.keyId !== keyId) differences.add(`key file of ${name}`);
      if (peer.kind !== kind) continue;
      for (const [section, digest] of Object.entries(configDigests)) {
        if (peer.configDigests[section] !== digest) differences.add(`${section} of ${name}`);
      }
    }
    return differences.size === 0
      ? { state: 'ok', detail: '' }
      : { state: 'degraded', detail: `differs from this worker's: ${[...differences].join(', ')}` };
  });
}
