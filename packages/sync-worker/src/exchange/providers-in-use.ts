import type { ListedMailbox } from 'calendar-db/sync';
import type { ConnectorConfig } from 'connector-config';
import type { Service } from 'worker-kit';
import { ProviderDirectory, type ProviderParts, type ProviderSeat } from './provider-directory.ts';

/**
 * The calendar servers of the config in force, and their connections: after a reload another directory, which goes on
 * with what stayed the same.
 */
export class ProvidersInUse implements Service {
  readonly id = 'providers';
  readonly #parts: ProviderParts;
  #directory: ProviderDirectory;
  /** What earlier configs used alone, while its connections end. */
  readonly #closing = new Set<Promise<void>>();
  readonly #stopped = Promise.withResolvers<void>();

  /** @throws FatalError when a provider of the config cannot be used */
  constructor(config: ConnectorConfig, parts: ProviderParts) {
    this.#parts = parts;
    this.#directory = ProviderDirectory.from(config, parts);
  }

  get directory(): ProviderDirectory {
    return this.#directory;
  }

  get seats(): readonly ProviderSeat[] {
    return this.#directory.seats;
  }

  /** The seat that a mailbox is read through; undefined when it is listed elsewhere, or nowhere. */
  seatOf(mailbox: ListedMailbox): ProviderSeat | undefined {
    return this.#directory.seatOf(mailbox);
  }

  /** Makes the directory of a config to come; what is in use is not touched. @throws FatalError when it cannot be used */
  prepare(next: ConnectorConfig): ProviderDirectory {
    return ProviderDirectory.from(next, this.#parts, this.#directory);
  }

  /** Drops a prepared directory. */
  async drop(prepared: ProviderDirectory): Promise<void> {
    await prepared.close(this.#directory);
  }

  /** Puts a prepared directory to use, and ends calls and connections that it does not go on with. */
  use(prepared: ProviderDirectory): void {
    const left = this.#directory;
    this.#directory = prepared;
    const closing = left
      .close(prepared)
      .catch((error: unknown) => this.#parts.log.debug('provider.not-closed', 'a connection did not end', { error }))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Connections are opened by calls: nothing is to be done until they end. */
  run(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Ends all calls and connections. */
  async stop(): Promise<void> {
    this.#stopped.resolve();
    await Promise.all([this.#directory.close(), ...this.#closing]);
  }
}
