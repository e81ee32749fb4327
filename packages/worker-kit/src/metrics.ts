import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type Metric,
  Registry,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** The metrics of one process. Ours are named `calendar_…`; the process's own keep their usual names. */
export class MetricsRegistry {
  readonly #registry = new Registry();

  /** @param labels on every metric, e.g. the worker's kind */
  constructor(labels: Readonly<Record<string, string>> = {}) {
    this.#registry.setDefaultLabels({ ...labels });
  }

  /** Adds memory, CPU, event loop and garbage collection of this process. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  counter<Label extends string = string>(options: CounterConfiguration<Label>): Counter<Label> {
    return this.#known(Counter<Label>, options.name) ?? new Counter({ ...options, registers: [this.#registry] });
  }

  gauge<Label extends string = string>(options: GaugeConfiguration<Label>): Gauge<Label> {
    return this.#known(Gauge<Label>, options.name) ?? new Gauge({ ...options, registers: [this.#registry] });
  }

  histogram<Label extends string = string>(options: HistogramConfiguration<Label>): Histogram<Label> {
    return this.#known(Histogram<Label>, options.name) ?? new Histogram({ ...options, registers: [this.#registry] });
  }

  /** A part that is started again asks again for the metrics it already has. */
  #known<Kind extends Metric>(kind: new (...args: never[]) => Kind, name: string): Kind | undefined {
    if (!name.startsWith('calendar_')) throw new RangeError(`metric "${name}" must begin with calendar_`);
    const metric = this.#registry.getSingleMetric(name);
    return metric instanceof kind ? metric : undefined;
  }

  /** The text that Prometheus reads. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
