import type { CalendarDatabase } from 'calendar-db/database';
import { readMovedMailboxes } from 'calendar-db/sync';
import { type Logger, type RunningState, runLoop, type Service, TroubleLog } from 'worker-kit';
import type { ProviderSeat } from '../exchange/provider-directory.ts';
import { PLACE_DELAYS, type PlaceRoundOutcome, placeRound } from './place-round.ts';

export interface PlaceServiceOptions {
  readonly database: CalendarDatabase;
  readonly log: Logger;
  readonly running: RunningState;
  readonly seats: () => readonly ProviderSeat[];
  /** Mailboxes in a sync group at most. */
  readonly groupSize: () => number;
  /** Mailboxes have moved, or changed their group. */
  readonly onPlaced: () => void;
  /** Between looks at the questions, milliseconds. */
  readonly every: number;
}

/**
 * Learns by Autodiscover who shares machines with whom, so that sync groups fit streams, and where a mailbox went that its
 * server does not have any more. Any sync-worker may; each question is leased to one.
 */
export class PlaceService implements Service {
  readonly id = 'places';
  readonly #options: PlaceServiceOptions;
  /** Providers that do not tell where mailboxes are, and mailboxes that are where they are not read. */
  readonly #troubles: TroubleLog;

  constructor(options: PlaceServiceOptions) {
    this.#options = options;
    this.#troubles = new TroubleLog(options.log, { writesBetween: false });
  }

  async run(): Promise<void> {
    const { running, log, every } = this.#options;
    await runLoop(running, log, { name: 'places', every, once: () => this.#turn() });
  }

  stop(): void {
    this.#options.running.stop();
  }

  async #turn(): Promise<void> {
    const { running, seats, database } = this.#options;
    for (const seat of seats()) {
      // What other workers have learned.
      seat.moved.replace(await readMovedMailboxes(database, seat.provider.key));
      const mayAsk = () => running.shouldRun() && seat.accounts.isUsable && seat.accounts.isProven;
      if (seat.config.autodiscover.enabled) while (mayAsk() && (await this.#round(seat)));
    }
  }

  /** @returns whether more questions wait */
  async #round({ provider, accounts, users, config, ewsUrl, moved }: ProviderSeat): Promise<boolean> {
    const { database, running, groupSize, onPlaced } = this.#options;
    const signal = running.stopping;
    const outcome = await placeRound({
      ...{ database, provider: provider.key, users: [...users], groupSize: groupSize(), signal },
      rule: { own: ewsUrl, hosts: config.autodiscover.hosts },
      ask: (work) => accounts.askForPlaces(signal, work),
    });
    for (const { address, ewsUrl } of outcome.moved) moved.learn(address, ewsUrl);
    this.#tell(provider.key, ewsUrl, outcome);
    if (outcome.moved.length > 0 || outcome.regrouped > 0) onPlaced();
    return outcome.hasMore;
  }

  #tell(provider: string, ownUrl: string, { moved, untrusted, failure }: PlaceRoundOutcome): void {
    const { log } = this.#options;
    for (const { address: mailbox, ewsUrl } of moved) {
      this.#troubles.drop(mailbox);
      log.info('mailbox.moved', `${mailbox} is read at ${ewsUrl ?? ownUrl} from now on`, { provider, mailbox });
    }
    for (const mailbox of untrusted) {
      const message =
        `${mailbox} has moved to a server that is not known here: list its host in autodiscover.hosts if ` +
        'passwords may be sent there, or list the mailbox under a provider of its own';
      const fields = { provider, mailbox };
      this.#troubles.begin(mailbox, mailbox, { level: 'warn', event: 'mailbox.moved-away', message, fields });
    }
    if (PLACE_DELAYS.isUnable(failure)) {
      const message =
        `${provider} does not tell by Autodiscover where mailboxes are: which of them may share a stream is found out by ` +
        `trying, and one that is moved to another address is not followed: ${failure.message}`;
      this.#troubles.begin(provider, provider, {
        level: 'info',
        event: 'places.unable',
        message,
        fields: { provider },
      });
    } else if (failure !== null) {
      log.debug('places.deferred', `${provider} is asked later where mailboxes are`, { provider, error: failure });
    } else {
      const message = `${provider} tells by Autodiscover where mailboxes are again`;
      this.#troubles.end(provider, () => ({ level: 'info', event: 'places.back', message, fields: { provider } }));
    }
  }
}
