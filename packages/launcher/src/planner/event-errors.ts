/** The copies of an event are too large to be read with ease. */
export class EventTooLargeError extends Error {
  readonly code = 'event-too-large';

  /** @param bytes length of its copies as JSON */
  constructor(bytes: number) {
    super(`the copies of the event have ${bytes} bytes, which is more than is planned`);
    this.name = new.target.name;
  }
}

/** An event begins or ends at a moment that no plan can hold. */
export class EventTimesError extends Error {
  readonly code = 'event-times-unusable';

  constructor() {
    super('the event begins or ends before the year 1000 or after the year 9999');
    this.name = new.target.name;
  }
}
