import type { TrueOccurrence } from 'exchange-simulator';
import { type Answer, CalendarWriter, type ExchangeControl } from 'stack-driver';
import type { SeededRandom } from './seeded-random.ts';

const DAY_MS = 86_400_000;
const HALF_HOUR_MS = 1_800_000;
const ANSWERS: readonly Answer[] = ['Accept', 'TentativelyAccept', 'Decline'];

/** People at work in their calendars over EWS: each change is of a random kind, by a random person. */
export class CalendarChanges {
  /** Changes that Exchange has saved. */
  saved = 0;
  readonly #exchange: ExchangeControl;
  readonly #random: SeededRandom;
  readonly #writers: ReadonlyMap<string, CalendarWriter>;

  constructor(ewsUrl: string, exchange: ExchangeControl, addresses: readonly string[], random: SeededRandom) {
    this.#exchange = exchange;
    this.#random = random;
    this.#writers = new Map(addresses.map((address) => [address, new CalendarWriter(ewsUrl, address)]));
  }

  /** Makes so many changes, one after the other. @throws WriteRefusedError */
  async make(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.#change();
      this.saved++;
    }
  }

  async #change(): Promise<unknown> {
    const [address, writer] = this.#random.pick([...this.#writers]);
    const now = Date.now();
    const shown = await this.#exchange.truth(address, new Date(now + DAY_MS), new Date(now + 60 * DAY_MS));
    const living = shown.filter(({ isCancelled, allDay }) => !isCancelled && !allDay);
    const own = living.filter(({ isOrganizer }) => isOrganizer);
    const invitations = living.filter(({ isOrganizer }) => !isOrganizer);
    switch (this.#random.pick(['create', 'move', 'relocate', 'cancel', 'respond'] as const)) {
      case 'move':
        return this.#changeOne(writer, own, ({ itemId, start, end }) => writer.move(itemId, later(start), later(end)));
      case 'relocate':
        return this.#changeOne(writer, own, ({ itemId }) => writer.relocate(itemId, `Room ${this.saved}`));
      case 'cancel':
        return this.#changeOne(writer, own, ({ itemId }) => writer.cancel(itemId));
      case 'respond':
        return this.#changeOne(writer, invitations, ({ itemId }) => writer.respond(itemId, this.#random.pick(ANSWERS)));
      default:
        return this.#create(writer);
    }
  }

  /** A calendar in which there is nothing to change gets something new. */
  #changeOne(
    writer: CalendarWriter,
    among: readonly TrueOccurrence[],
    change: (one: TrueOccurrence) => Promise<unknown>,
  ): Promise<unknown> {
    return among.length === 0 ? this.#create(writer) : change(this.#random.pick(among));
  }

  #create(writer: CalendarWriter): Promise<unknown> {
    const start = new Date(startOfHour(Date.now()) + this.#random.whole(1, 30) * DAY_MS);
    const attendees = [this.#random.pick([...this.#writers.keys()]), 'guest@partner.example'];
    return writer.create({
      subject: `New ${this.saved}`,
      start,
      end: new Date(start.getTime() + HALF_HOUR_MS),
      attendees: attendees.filter((address) => address !== writer.address),
    });
  }
}

/** Exchange lets no occurrence pass its neighbours; half an hour is never that far. */
function later(iso: string): Date {
  return new Date(Date.parse(iso) + HALF_HOUR_MS);
}

function startOfHour(now: number): number {
  return now - (now % (2 * HALF_HOUR_MS));
}
