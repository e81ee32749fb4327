import type { ServerResponse } from 'node:http';
import type { SimulatorSettings } from '../settings.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import { giveUpMessage, notificationMessage, statusMessage, streamEnvelope } from './stream-envelope.ts';
import { byStream, type Subscription, type SubscriptionStream } from './subscription.ts';
import { WireWriter } from './wire-writer.ts';

/** Keeps the streams that are open. */
export interface StreamKeeper {
  add(stream: EventStream): void;
  delete(stream: EventStream): void;
}

export interface EventStreamOptions {
  readonly account: string;
  /** Whose `HangingConnectionLimit` the stream counts against. */
  readonly budget: string;
  readonly backEnd: string;
  readonly subscriptions: readonly Subscription[];
  /** Life of the connection. */
  readonly durationMs: number;
  readonly settings: SimulatorSettings;
  readonly streams: StreamKeeper;
  /** The server's clock, unix ms. */
  readonly now: () => number;
}

/** How a stream fell silent. */
export interface Silence {
  /** Hold envelopes back for `resume` instead of losing them. */
  readonly keep: boolean;
  /** Begin an envelope before falling silent. */
  readonly midEnvelope: boolean;
}

/** One GetStreamingEvents connection: an endless body of envelopes about the subscriptions that it serves. */
export class EventStream implements SubscriptionStream {
  readonly options: EventStreamOptions;
  /** Subscriptions that are still served. */
  readonly served: Set<Subscription>;
  #writer: WireWriter | undefined;
  #response: ServerResponse | undefined;
  #pending = new Map<Subscription, XmlNode[]>();
  #held: Buffer[] = [];
  #silence: Silence | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EventStreamOptions) {
    this.options = options;
    this.served = new Set(options.subscriptions);
  }

  get silent(): boolean {
    return this.#silence !== undefined;
  }

  get clientPort(): number | undefined {
    return this.#response?.socket?.remotePort;
  }

  /** Takes over a response whose headers are set. A stream that served one of the subscriptions before loses them. */
  open(response: ServerResponse, firstEnvelope: string): void {
    const { settings, streams, durationMs } = this.options;
    if (response.destroyed) return;
    this.#response = response;
    this.#writer = new WireWriter(response, () => settings.streaming.chunkSizes);
    const former = byStream(this.served);
    for (const [stream, subscriptions] of former) stream?.giveUp(subscriptions, 'ErrorNewEventStreamConnectionOpened');
    for (const subscription of this.served) subscription.stream = this;
    streams.add(this);
    response.once('close', () => this.#finish());
    this.#timeout = setTimeout(() => this.close(), durationMs).unref();
    this.#send(firstEnvelope);
  }

  notify(subscription: Subscription, events: readonly XmlNode[]): void {
    if (this.#closed || !this.served.has(subscription)) return;
    if (this.#pending.size === 0) setImmediate(() => this.#flush());
    subscription.sent += events.length;
    this.#pending.set(subscription, [...(this.#pending.get(subscription) ?? []), ...events]);
  }

  giveUp(subscriptions: readonly Subscription[], code: string): void {
    const lost = subscriptions.filter((subscription) => this.served.has(subscription));
    if (this.#closed || lost.length === 0) return;
    this.#flush();
    for (const subscription of lost) this.#release(subscription);
    this.#sendMessage(giveUpMessage(lost, code));
    if (this.served.size === 0) this.close();
  }

  /** Says `Closed` and ends the body, as at the timeout. A silent stream stays as it is. */
  close(): void {
    if (this.#closed || this.silent) return;
    this.#flush();
    this.#sendMessage(statusMessage('Closed', this.options.settings));
    this.endBody();
  }

  /** Ends the body without a word. */
  endBody(): void {
    this.#writer?.end();
    this.#finish();
  }

  cut(): void {
    this.#response?.destroy();
    this.#finish();
  }

  /** Sends nothing any more, while the socket stays open. */
  fallSilent(silence: Silence): void {
    this.#flush();
    if (silence.midEnvelope && !this.silent) {
      const envelope = Buffer.from(streamEnvelope(statusMessage('OK', this.options.settings), this.options.settings));
      const half = Math.floor(envelope.length / 2);
      this.#writer?.write(envelope.subarray(0, half));
      this.#held = [envelope.subarray(half)];
    }
    this.#silence = silence;
  }

  /** Speaks again, beginning with all that was held back, in a single write. */
  resume(): void {
    this.#flush();
    this.#silence = undefined;
    const held = Buffer.concat(this.#held);
    this.#held = [];
    if (held.length > 0) this.#send(held);
  }

  #flush(): void {
    const events = this.#pending;
    if (events.size === 0) return;
    this.#pending = new Map();
    this.#sendMessage(notificationMessage(events, this.options.settings));
  }

  #sendMessage(message: XmlNode): void {
    this.#send(streamEnvelope(message, this.options.settings));
  }

  #send(envelope: string | Buffer): void {
    if (this.#closed) return;
    clearTimeout(this.#heartbeat);
    const { settings } = this.options;
    const beat = () => this.#sendMessage(statusMessage('OK', settings));
    this.#heartbeat = setTimeout(beat, settings.streaming.heartbeatMs).unref();
    const bytes = typeof envelope === 'string' ? Buffer.from(envelope) : envelope;
    if (this.#silence === undefined) this.#writer?.write(bytes);
    else if (this.#silence.keep) this.#held.push(bytes);
  }

  #release(subscription: Subscription): void {
    this.served.delete(subscription);
    if (subscription.stream !== this) return;
    subscription.stream = undefined;
    subscription.idleSince = this.options.now();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#heartbeat);
    clearTimeout(this.#timeout);
    for (const subscription of this.served) this.#release(subscription);
    this.options.streams.delete(this);
  }
}
