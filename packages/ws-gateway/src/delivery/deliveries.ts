import type { LogPosition } from 'calendar-db/changes';
import { formatPosition } from 'gateway-protocol';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { Session } from '../socket/session.ts';
import type { Subscription } from '../socket/subscription.ts';
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

/** One socket's share of a delivery. */
interface Share {
  readonly session: Session;
  readonly subscription: Subscription;
  readonly ids: readonly string[];
  /** Carried by the push if it empties the set: where the log stood when the set was taken. */
  readonly position: LogPosition | undefined;
  readonly oldestChangeAt: number | undefined;
}

/** Tells sockets what changed for them: takes their dirty ids, reads the truth for many at once, sends. */
export class Deliveries implements Service {
  readonly id = 'deliveries';
  readonly #options: DeliveriesOptions;
  readonly #waiting = new Set<Session>();
  readonly #lanes: readonly RunningState[];

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: LANES }, (_, index) => options.running.child(`deliveries ${index + 1}`));
  }

  /** Has the socket looked after if there is anything to tell; cheap, and right at any time. */
  schedule(session: Session): void {
    if (!session.deliverable) return;
    this.#waiting.add(session);
    for (const lane of this.#lanes) lane.wake();
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
      try {
        await this.#deliver(shares);
      } catch (error) {
        for (const { subscription, ids, oldestChangeAt } of shares) {
          subscription.dirty.owe(ids);
          subscription.oldestChangeAt = oldestChangeAt;
        }
        throw error;
      } finally {
        for (const { session } of shares) {
          session.turn.give();
          this.schedule(session);
        }
      }
    }
  }

  /** Takes the turns of as many waiting sockets as one delivery has room for. */
  #takeShares(): Share[] {
    const shares: Share[] = [];
    let room = PAIRS_PER_DELIVERY;
    for (const session of this.#waiting) {
      if (room <= 0) break;
      this.#waiting.delete(session);
      const { subscription, viewers = [] } = session;
      // Whoever has the turn now schedules the socket again when he gives it back.
      if (subscription === undefined || !session.deliverable || !session.turn.tryTake()) continue;
      const { oldestChangeAt } = subscription;
      const limit = Math.min(this.#options.pageEvents(), Math.max(1, Math.floor(room / Math.max(1, viewers.length))));
      const { ids, whole } = subscription.dirty.take(limit);
      if (whole) subscription.oldestChangeAt = undefined;
      subscription.positionDue = false;
      shares.push({
        session,
        subscription,
        ids,
        position: whole ? this.#options.position() : undefined,
        oldestChangeAt,
      });
      room -= Math.max(1, ids.length * viewers.length);
    }
    return shares;
  }

  async #deliver(shares: readonly Share[]): Promise<void> {
    const wishes = shares.map(({ session, ids }) => ({ viewers: session.viewers ?? [], ids }));
    const events = await this.#options.reader.read(wishes);
    for (const [index, share] of shares.entries()) {
      const { session, subscription } = share;
      // It may have been closed, or told to start over, while the database was asked.
      if (session.closed || session.subscription !== subscription) continue;
      if (subscription.resync !== undefined) this.#resync(session, subscription.resync);
      else this.#send(share, events[index] ?? new Map());
    }
  }

  #resync(session: Session, reason: string): void {
    session.subscription = undefined;
    session.push('resyncEvents', JSON.stringify({ reason }), performance.now());
    this.#options.metrics.resyncs.inc();
  }

  #send(share: Share, events: Parameters<typeof updatePart>[1]): void {
    const { session, subscription, ids } = share;
    const { metrics, databaseNow } = this.#options;
    const { texts, removed, left } = updatePart(ids, events, subscription);
    subscription.dirty.owe(left);
    const position = left.length === 0 ? share.position : undefined;
    if (texts.length === 0 && removed.length === 0 && position === undefined) return;
    const tail = position === undefined ? '' : `,"position":${JSON.stringify(formatPosition(position))}`;
    const now = performance.now();
    session.push('updateEvents', `{"upserted":[${texts.join(',')}],"removed":${JSON.stringify(removed)}${tail}}`, now);
    if (position !== undefined) subscription.toldAt = now;
    metrics.pushes.inc();
    metrics.pushedEvents.inc(texts.length + removed.length);
    if (share.oldestChangeAt !== undefined) {
      metrics.latency.observe(Math.max(0, databaseNow() - share.oldestChangeAt) / 1000);
    }
  }
}
