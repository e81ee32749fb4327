import type { LogPosition } from 'calendar-db/changes';
import { formatPosition } from 'gateway-protocol';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { Connection } from '../connections/connection.ts';
import type { Batch, Subscription } from '../connections/subscription.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { EventReader } from './event-reader.ts';
import { updatePart } from './update-part.ts';

/** Pairs of viewer and event that one delivery reads for all its sockets together. */
const PAIRS_PER_DELIVERY = 2_000;
/** While one delivery waits for the database, another one can be encoded and sent. */
const LANES = 2;

export interface DeliveriesOptions {
  readonly reader: EventReader;
  readonly position: () => LogPosition | undefined;
  readonly pageEvents: () => number;
  readonly running: RunningState;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
  /** Unix ms by the database's clock. */
  readonly databaseNow: () => number;
}

/** What one connection gets of a delivery. */
interface Share {
  readonly connection: Connection;
  readonly subscription: Subscription;
  readonly viewers: readonly string[];
  readonly batch: Batch;
  /** Where the log stood when the batch was taken. It goes along if nothing waits after this push. */
  readonly position: LogPosition | undefined;
}

/** Pushes to connections what changed for them: takes their batches and reads the truth for many at once. */
export class Deliveries implements Service {
  readonly id = 'deliveries';
  readonly #options: DeliveriesOptions;
  readonly #waiting = new Set<Connection>();
  readonly #lanes: readonly RunningState[];

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: LANES }, (_, index) => options.running.child(`deliveries ${index + 1}`));
  }

  /** How many connections wait for their delivery. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Plans a push if there is anything to push; cheap, and right at any time. */
  schedule(connection: Connection): void {
    if (!connection.deliverable) return;
    this.#waiting.add(connection);
    for (const lane of this.#lanes) lane.wake();
  }

  /** The connection gets no more pushes. */
  forget(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  async run(): Promise<void> {
    const { log } = this.#options;
    await Promise.all(
      this.#lanes.map((lane, index) =>
        runLoop(lane, log, {
          name: `deliveries ${index + 1}`,
          every: Number.POSITIVE_INFINITY,
          once: () => this.#deliverAll(lane),
        }),
      ),
    );
  }

  stop(): void {
    for (const lane of this.#lanes) lane.stop();
  }

  async #deliverAll(lane: RunningState): Promise<void> {
    while (this.#waiting.size > 0 && lane.shouldRun()) {
      const shares = this.#takeShares();
      if (shares.length === 0) continue;
      try {
        await this.#deliver(shares);
      } catch (error) {
        for (const { subscription, batch } of shares) subscription.giveBack(batch);
        throw error;
      } finally {
        for (const { connection } of shares) {
          connection.turn.give();
          this.schedule(connection);
        }
      }
    }
  }

  /** Takes the turns of as many waiting connections as fit into one delivery. */
  #takeShares(): Share[] {
    const { pageEvents, position } = this.#options;
    const shares: Share[] = [];
    let room = PAIRS_PER_DELIVERY;
    for (const connection of this.#waiting) {
      if (room <= 0) break;
      this.#waiting.delete(connection);
      const { subscription, viewers = [] } = connection;
      // The holder of the turn schedules the connection again when it gives the turn back.
      if (subscription === undefined || !connection.deliverable || !connection.turn.tryTake()) continue;
      const limit = Math.min(pageEvents(), Math.max(1, Math.floor(room / Math.max(1, viewers.length))));
      const batch = subscription.take(limit);
      shares.push({ connection, subscription, viewers, batch, position: batch.whole ? position() : undefined });
      room -= Math.max(1, batch.ids.length * viewers.length);
    }
    return shares;
  }

  async #deliver(shares: readonly Share[]): Promise<void> {
    const events = await this.#options.reader.read(shares.map(({ viewers, batch }) => ({ viewers, ids: batch.ids })));
    for (const [index, share] of shares.entries()) {
      const { connection, subscription } = share;
      // It may have ended, or have to start over, since the database was asked.
      if (connection.subscription !== subscription) continue;
      if (subscription.resync !== undefined) this.#resync(connection, subscription.resync);
      else this.#send(share, events[index] ?? new Map());
    }
  }

  #resync(connection: Connection, reason: string): void {
    connection.unsubscribe();
    connection.push('resyncEvents', JSON.stringify({ reason }), performance.now());
    this.#options.metrics.resyncs.inc();
  }

  #send(share: Share, events: Parameters<typeof updatePart>[1]): void {
    const { connection, subscription, batch } = share;
    const { metrics, databaseNow } = this.#options;
    const { texts, removed, left } = updatePart(batch.ids, events, subscription);
    subscription.owe(left);
    const position = left.length === 0 ? share.position : undefined;
    if (texts.length === 0 && removed.length === 0 && position === undefined) return;
    const tail = position === undefined ? '' : `,"position":${JSON.stringify(formatPosition(position))}`;
    const now = performance.now();
    const payload = `{"upserted":[${texts.join(',')}],"removed":${JSON.stringify(removed)}${tail}}`;
    connection.push('updateEvents', payload, now);
    if (position !== undefined) subscription.positionSent(now);
    metrics.pushes.inc();
    metrics.pushedEvents.inc(texts.length + removed.length);
    if (batch.oldestChangeAt !== undefined) {
      metrics.latency.observe(Math.max(0, databaseNow() - batch.oldestChangeAt) / 1000);
    }
  }
}
