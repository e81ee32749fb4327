import { execFile } from 'node:child_process';
import type { Logger } from './log.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';
import { TroubleLog } from './trouble-log.ts';

const SYSTEMD = 'systemd';

/**
 * Tells systemd how the worker is, through `systemd-notify` (Node has no datagram sockets of the Unix kind). Does nothing
 * elsewhere. The unit needs `NotifyAccess=all`, since the messages come from a child.
 *
 * `READY=1` means that the config is read and the worker looks after itself; whether it does its work, which may have to
 * wait for the database, is in the status line and on `/readyz`.
 */
export class SystemdNotifier {
  readonly #env: NodeJS.ProcessEnv;
  readonly #enabled: boolean;
  readonly #troubles: TroubleLog;

  constructor(env: NodeJS.ProcessEnv, log: Logger) {
    this.#env = env;
    this.#troubles = new TroubleLog(log);
    this.#enabled = Boolean(env.NOTIFY_SOCKET);
  }

  ready(status: string): Promise<void> {
    return this.#notify('READY=1', `STATUS=${status}`);
  }

  status(status: string): Promise<void> {
    return this.#notify(`STATUS=${status}`);
  }

  stopping(): Promise<void> {
    return this.#notify('STOPPING=1', 'WATCHDOG=1', 'STATUS=handing back work');
  }

  /** Answers the unit's watchdog twice per period; idle when there is none. */
  watchdog(parent: RunningState): Service {
    const running = parent.child('watchdog');
    const periodMs = this.#enabled ? Number(this.#env.WATCHDOG_USEC ?? 0) / 1000 : 0;
    return {
      id: 'watchdog',
      run: async () => {
        while (running.shouldRun()) {
          if (periodMs > 0) await this.#notify('WATCHDOG=1');
          await running.sleep(periodMs > 0 ? periodMs / 2 : Number.POSITIVE_INFINITY);
        }
      },
      stop: () => running.stop(),
    };
  }

  #note(error: Error | null): void {
    if (error === null) {
      const message = 'systemd takes what this worker tells it again';
      this.#troubles.end(SYSTEMD, () => ({ level: 'info', event: 'systemd.notify-back', message }));
      return;
    }
    const message = 'systemd does not take what this worker tells it';
    this.#troubles.begin(SYSTEMD, SYSTEMD, {
      level: 'warn',
      event: 'systemd.notify-failed',
      message,
      fields: { error },
    });
  }

  #notify(...assignments: string[]): Promise<void> {
    if (!this.#enabled) return Promise.resolve();
    const values = assignments.map((text) => text.replaceAll('\n', ' '));
    return new Promise((resolve) => {
      execFile('systemd-notify', values, { env: this.#env, timeout: 5_000 }, (error) => {
        this.#note(error);
        resolve();
      });
    });
  }
}
