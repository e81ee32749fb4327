import type { WorkerConfig } from 'stack-driver';

/**
 * Lets the workers of a config look after these mailboxes only.
 *
 * @param limits of the Exchange server @param sync the section of that name
 */
export function watch(config: WorkerConfig, mailboxes: readonly string[], limits: object, sync: object = {}): void {
  const [provider] = config.calendarProviders;
  provider!.users = [...mailboxes];
  provider!.limits = limits;
  config.sync = sync;
}
