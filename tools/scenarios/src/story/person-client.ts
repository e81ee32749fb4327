import { CalendarClient, type CalendarClientOptions, parsePosition } from 'gateway-protocol';
import { addressOf, type PersonId, signIn, until } from 'stack-driver';

const DAY_MS = 86_400_000;

/** Somebody's calendar client, which stays open through everything that happens to the gateway. */
export class PersonClient {
  readonly id: PersonId;
  /** Connections that it lost. */
  losses = 0;
  readonly range: { readonly from: number; readonly to: number };
  readonly #client: CalendarClient;
  #wasLive = false;

  constructor(gatewayUrl: string, id: PersonId, options: Partial<CalendarClientOptions> = {}) {
    this.id = id;
    const now = Date.now();
    this.range = { from: now - 14 * DAY_MS, to: now + 14 * DAY_MS };
    this.#client = new CalendarClient({
      url: gatewayUrl,
      getToken: () => signIn(gatewayUrl, id),
      range: () => this.range,
      ...options,
    });
    this.#client.on('state', (state) => {
      if (state === 'waiting' && this.#wasLive) this.losses++;
      this.#wasLive = state === 'live';
    });
    this.#client.start();
  }

  get address(): string {
    return addressOf(this.id);
  }

  get events(): CalendarClient['events'] {
    return this.#client.events;
  }

  get isLive(): boolean {
    return this.#client.state === 'live';
  }

  /** Up to where it knows everything; 0 before the first subscription. */
  get seq(): number {
    return parsePosition(this.#client.position ?? '')?.seq ?? 0;
  }

  async live(): Promise<void> {
    await until(`the client of ${this.id} is subscribed`, () => (this.isLive && this.seq > 0 ? true : undefined));
  }

  stop(): void {
    this.#client.stop();
  }
}
