import type { Health, HealthReport } from './health.ts';
import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';
import type { SystemdNotifier } from './systemd-notifier.ts';

/** Logs when the worker becomes ready, degraded or unready, and keeps systemd's status line. */
export class HealthWatch implements Service {
  readonly id = 'health watch';
  readonly #health: Health;
  readonly #systemd: SystemdNotifier;
  readonly #running: RunningState;
  readonly #log: Logger;
  readonly #everyMs: number;
  #hasStarted = false;
  #said = '';

  constructor(health: Health, systemd: SystemdNotifier, parent: RunningState, log: Logger, everyMs: number) {
    this.#health = health;
    this.#systemd = systemd;
    this.#running = parent.child(this.id);
    this.#log = log;
    this.#everyMs = everyMs;
  }

  async run(): Promise<void> {
    await this.#systemd.ready(statusLine(this.#health.report()));
    while (this.#running.shouldRun()) {
      await this.#look();
      await this.#running.sleep(this.#everyMs);
    }
  }

  stop(): void {
    this.#running.stop();
  }

  async #look(): Promise<void> {
    const report = this.#health.report();
    const said = `${report.state}: ${troubled(report)
      .map(([name]) => name)
      .join()}`;
    if (said === this.#said || this.#isStarting(report)) return;
    this.#said = said;
    this.#tell(report);
    await this.#systemd.status(statusLine(report));
  }

  /** While it starts, what it waits for is logged by what waits; afterwards every check has been told at least once. */
  #isStarting(report: HealthReport): boolean {
    this.#hasStarted ||= Object.values(report.checks).every(({ at }) => at !== null);
    return !this.#hasStarted;
  }

  #tell(report: HealthReport): void {
    const checks = Object.fromEntries(troubled(report).map(([name, { state, detail }]) => [name, { state, detail }]));
    if (report.state === 'ok') this.#log.info('worker.ready', 'ready');
    else if (report.ready) this.#log.warn('worker.degraded', 'ready, but somebody should look', { checks });
    else this.#log.warn('worker.unready', 'not ready', { checks });
  }
}

function troubled(report: HealthReport) {
  return Object.entries(report.checks).filter(([, { state }]) => state !== 'ok');
}

function statusLine(report: HealthReport): string {
  const details = troubled(report).map(([name, { detail }]) => `${name}: ${detail}`);
  return [report.state === 'ok' ? 'ready' : report.state, ...details].join('; ').slice(0, 500);
}
