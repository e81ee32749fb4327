import type { MetricsRegistry } from 'worker-kit';

/** What a sync worker counts of the streams that tell it of changes. */
export class WatchMetrics {
  readonly #mailboxes;
  readonly #streams;
  readonly #events;
  readonly #reconnects;
  readonly #refusals;
  readonly #latency;

  constructor(metrics: MetricsRegistry) {
    this.#streams = metrics.gauge({
      name: 'calendar_streams_open',
      help: 'Streams of the calendar servers that tell of changes as they happen.',
    });
    this.#mailboxes = metrics.gauge({
      name: 'calendar_streamed_mailboxes',
      help: 'Owned mailboxes whose changes are told by a stream; the others are polled.',
    });
    this.#events = metrics.counter({
      name: 'calendar_stream_events_total',
      help: 'Changes that streams told of.',
    });
    this.#reconnects = metrics.counter({
      name: 'calendar_stream_reconnects_total',
      help: 'Ends of streams by reason: closed and regrouped are an ordinary day.',
      labelNames: ['reason'],
    });
    this.#refusals = metrics.counter({
      name: 'calendar_stream_refusals_total',
      help: 'Mailboxes that a server did not let a stream tell of, by reason; they are polled and tried again later.',
      labelNames: ['reason'],
    });
    this.#latency = metrics.histogram({
      name: 'calendar_event_to_sync_seconds',
      help: 'From being told of a change to having it in the database.',
      buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60],
    });
  }

  watched(streams: number, mailboxes: number): void {
    this.#streams.set(streams);
    this.#mailboxes.set(mailboxes);
  }

  told(): void {
    this.#events.inc();
  }

  ended(reason: string): void {
    this.#reconnects.inc({ reason });
  }

  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  applied(ms: number): void {
    this.#latency.observe(ms / 1000);
  }
}
