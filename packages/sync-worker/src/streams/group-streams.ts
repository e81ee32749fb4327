import { setTimeout as pause } from 'node:timers/promises';
import type { LendStreamAccount, StreamSettings } from '../accounts/stream-account.ts';
import type { WatchedMailbox, WatchListener, WatchRequest } from '../engine/calendar-watch.ts';
import { Refusals } from './refusals.ts';
import { StreamLane } from './stream-lane.ts';

const REVIEW_MS = 5_000;
const REGROUP_MS = 30_000;
const HAND_BACK_MS = 6_000;
/** Machines, or groups of them, that the mailboxes of one sync group may be spread over; who is beyond is polled. */
const MOST_LANES = 10;

export interface GroupStreamsOptions {
  readonly lend: LendStreamAccount;
  readonly settings: StreamSettings;
  readonly reviewMs?: number;
  readonly regroupMs?: number;
}

interface RunningLane {
  readonly lane: StreamLane;
  /** Once it runs. */
  ended?: Promise<void>;
}

/**
 * The streams of one sync group. One stream serves mailboxes of machines that pass requests on to each other; where the
 * first one's machine refuses to subscribe a mailbox, that belongs to another stream with an anchor of its own. So who goes
 * with whom is learned from the servers' own refusals: they know best, at every moment, also after a mailbox has moved.
 */
export class GroupStreams {
  readonly #request: WatchRequest;
  readonly #listener: WatchListener;
  readonly #options: GroupStreamsOptions;
  readonly #refusals = new Refusals();
  #lanes: RunningLane[] = [];

  constructor(request: WatchRequest, listener: WatchListener, options: GroupStreamsOptions) {
    this.#request = request;
    this.#listener = listener;
    this.#options = options;
  }

  /** Keeps the streams open until the signal, then unsubscribes. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { reviewMs = REVIEW_MS } = this.#options;
    while (!signal.aborted) {
      await this.#arrange(this.#request.mailboxes());
      await pause(reviewMs, undefined, { signal }).catch(() => undefined);
    }
    for (const { lane } of this.#lanes) lane.stop();
    await this.#ended(this.#lanes);
  }

  /** Gives each mailbox the first stream that it is no stranger to, and ends streams that have none left. */
  async #arrange(mailboxes: readonly WatchedMailbox[]): Promise<void> {
    const members = new Map<StreamLane, WatchedMailbox[]>();
    for (const mailbox of mailboxes) {
      const lane = this.#laneFor(mailbox.address);
      if (lane === undefined) continue;
      members.set(lane, [...(members.get(lane) ?? []), mailbox]);
    }
    const idle = this.#lanes.filter(({ lane }) => !members.has(lane));
    this.#lanes = this.#lanes.filter(({ lane }) => members.has(lane));
    for (const [lane, assigned] of members) lane.assign(assigned);
    for (const running of this.#lanes) running.ended ??= running.lane.run();
    for (const { lane } of idle) lane.disband();
    await this.#ended(idle);
  }

  #laneFor(mailbox: string): StreamLane | undefined {
    const found =
      this.#lanes.find(({ lane }) => lane.serves(mailbox)) ?? this.#lanes.find(({ lane }) => !lane.isStranger(mailbox));
    if (found !== undefined) return found.lane;
    return this.#lanes.length < MOST_LANES ? this.#begin() : undefined;
  }

  #begin(): StreamLane {
    const { lend, settings, reviewMs = REVIEW_MS, regroupMs = REGROUP_MS } = this.#options;
    const lane = new StreamLane({
      ...{ group: this.#request.group, lend, settings, reviewMs, regroupMs, handBackMs: HAND_BACK_MS },
      ...{ listener: this.#listener, refusals: this.#refusals },
    });
    this.#lanes.push({ lane });
    return lane;
  }

  async #ended(lanes: readonly RunningLane[]): Promise<void> {
    await Promise.all(lanes.map(({ ended }) => ended));
  }
}
