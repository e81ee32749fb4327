import { type Answer, addressOf, CalendarWriter, type ExchangeControl, PEOPLE, type PersonId } from 'stack-driver';

const SECOND_MS = 1_000;
const LENGTH_MS = 30 * 60_000;

/** A meeting of the story, as its organizer last left it. */
export interface StoryMeeting {
  readonly subject: string;
  readonly organizer: PersonId;
  readonly attendees: readonly PersonId[];
  itemId: string;
  /** When it begins, unix ms. */
  startMs: number;
  cancelled: boolean;
}

/** What a person does at one moment of the story. */
interface Step {
  readonly atMs: number;
  readonly act: () => Promise<unknown>;
}

/** Between two meetings that are saved. */
const EVERY_MS = 1_200;
/** From saving a meeting to its start. */
const AHEAD_MS = 30_000;

/**
 * People planning, moving, relocating, answering and calling off meetings over EWS, most of which begin while the story
 * runs. Nothing is changed shortly before a start, so that it is clear what has to happen at that start.
 */
export class ChangeStream {
  readonly meetings: StoryMeeting[] = [];
  /** Changes that were saved in Exchange. */
  changes = 0;
  readonly #exchange: ExchangeControl;
  readonly #writers: ReadonlyMap<PersonId, CalendarWriter>;
  readonly #steps: Step[] = [];
  #lastPlannedMs = 0;

  constructor(ewsUrl: string, exchange: ExchangeControl) {
    this.#exchange = exchange;
    this.#writers = new Map(PEOPLE.map((id) => [id, new CalendarWriter(ewsUrl, addressOf(id))]));
  }

  /** When the last meeting of the story begins, unix ms. */
  get lastStartMs(): number {
    return Math.max(...this.meetings.filter(({ cancelled }) => !cancelled).map(({ startMs }) => startMs));
  }

  /**
   * Goes on until `enough`, at least for `least` meetings and at most for `most`, and carries out what was planned for
   * these. @throws WriteRefusedError
   */
  async run(least: number, most: number, enough: () => boolean): Promise<void> {
    for (let n = 0; n < most && (n < least || !enough()); n++) {
      const dueMs = n === 0 ? Date.now() : this.#lastPlannedMs + EVERY_MS;
      this.#plan(n, dueMs);
      await this.#carryOut(dueMs);
    }
    await this.#carryOut(Number.POSITIVE_INFINITY);
  }

  /** Of eight meetings six take place as planned, one is brought forward and one called off. */
  #plan(n: number, atMs: number): void {
    this.#lastPlannedMs = atMs;
    if (n % 8 === 3) this.#planMoved(n, atMs);
    else if (n % 8 === 6) this.#planCancelled(n, atMs);
    else this.#planKept(n, atMs);
    this.#steps.sort((a, b) => a.atMs - b.atMs);
  }

  /** Does everything that is due until then, each at its time, one after the other. */
  async #carryOut(untilMs: number): Promise<void> {
    for (let step = this.#steps[0]; step !== undefined && step.atMs <= untilMs; step = this.#steps[0]) {
      this.#steps.shift();
      const ahead = step.atMs - Date.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
      await step.act();
      this.changes++;
    }
  }

  #planKept(n: number, atMs: number): void {
    const meeting = this.#meeting('Kept', n);
    this.#at(atMs, () => this.#create(meeting, inWholeSeconds(Date.now() + AHEAD_MS)));
    const answer: Answer = n % 5 === 4 ? 'Decline' : n % 2 === 0 ? 'Accept' : 'TentativelyAccept';
    this.#at(atMs + 5_000, () => this.#answer(meeting, meeting.attendees[n % meeting.attendees.length]!, answer));
    if (n % 3 === 0) this.#at(atMs + 9_000, () => this.#writer(meeting).relocate(meeting.itemId, `Room ${n}`));
  }

  /** Brought forward, so that an early start would be one before either of its times. */
  #planMoved(n: number, atMs: number): void {
    const meeting = this.#meeting('Moved', n);
    this.#at(atMs, () => this.#create(meeting, inWholeSeconds(Date.now() + 600_000)));
    this.#at(atMs + 8_000, async () => {
      meeting.startMs = inWholeSeconds(Date.now() + AHEAD_MS);
      await this.#writer(meeting).move(
        meeting.itemId,
        new Date(meeting.startMs),
        new Date(meeting.startMs + LENGTH_MS),
      );
    });
  }

  #planCancelled(n: number, atMs: number): void {
    const meeting = this.#meeting('Cancelled', n);
    this.#at(atMs, () => this.#create(meeting, inWholeSeconds(Date.now() + 75_000)));
    this.#at(atMs + 8_000, async () => {
      meeting.cancelled = true;
      await this.#writer(meeting).cancel(meeting.itemId);
    });
  }

  #meeting(kind: string, n: number): StoryMeeting {
    const [organizer = 'anna', ...attendees] = [0, 1, 2].map((k) => PEOPLE[(n + k * (1 + (n % 2))) % PEOPLE.length]!);
    const meeting = { subject: `${kind} ${n}`, organizer, attendees, itemId: '', startMs: 0, cancelled: false };
    this.meetings.push(meeting);
    return meeting;
  }

  #at(atMs: number, act: () => Promise<unknown>): void {
    this.#steps.push({ atMs, act });
  }

  async #create(meeting: StoryMeeting, startMs: number): Promise<void> {
    meeting.startMs = startMs;
    meeting.itemId = await this.#writer(meeting).create({
      subject: meeting.subject,
      start: new Date(startMs),
      end: new Date(startMs + LENGTH_MS),
      attendees: meeting.attendees.map(addressOf),
    });
  }

  async #answer({ subject, startMs }: StoryMeeting, person: PersonId, answer: Answer): Promise<void> {
    const copies = await this.#exchange.truth(addressOf(person), new Date(startMs), new Date(startMs + LENGTH_MS));
    const copy = copies.find((one) => one.subject === subject);
    if (copy === undefined) throw new Error(`${person} was not invited to ${subject}`);
    await this.#writers.get(person)!.respond(copy.itemId, answer);
  }

  #writer({ organizer }: StoryMeeting): CalendarWriter {
    return this.#writers.get(organizer)!;
  }
}

/** Exchange keeps whole seconds. */
function inWholeSeconds(ms: number): number {
  return Math.ceil(ms / SECOND_MS) * SECOND_MS;
}
