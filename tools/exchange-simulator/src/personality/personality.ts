/** How a server departs from Microsoft's, habit by habit. */
export interface Personality {
  /** False: CalendarView filters stored rows by their start and end, masters of series among them. */
  readonly expandsViews: boolean;
  /** False: a change of one occurrence leaves the change log, the change key and the time of change of its series alone. */
  readonly logsOccurrenceChanges: boolean;
  /** Elements of calendar items that come twice in a row, such as `Subject`. */
  readonly duplicateElements: readonly string[];
  /** Elements of calendar items that never come. */
  readonly missingElements: readonly string[];
  /** True: the elements of a calendar item come in reverse. */
  readonly reversesElements: boolean;
  /** How times are written: as Exchange does, a hair's breadth early with seven digits after the second, or without zone. */
  readonly times: 'exact' | 'fractions' | 'zoneless';
  /** True: the second request of each connection is answered with a SOAP fault, and the connection ended. */
  readonly faultsOnSecondCall: boolean;
}

export const EXCHANGE: Personality = {
  expandsViews: true,
  logsOccurrenceChanges: true,
  duplicateElements: [],
  missingElements: [],
  reversesElements: false,
  times: 'exact',
  faultsOnSecondCall: false,
};

/**
 * A groupware server that speaks EWS so that Outlook is content, with the liberties that such servers take
 * (docs/reference/exchange.md §14.1).
 */
const GROMMUNIO: Personality = {
  expandsViews: false,
  logsOccurrenceChanges: false,
  duplicateElements: ['Subject', 'IsMeeting'],
  missingElements: ['IsRecurring', 'AppointmentState', 'IsCancelled'],
  reversesElements: true,
  times: 'fractions',
  faultsOnSecondCall: true,
};

export const PERSONALITIES = { exchange: EXCHANGE, grommunio: GROMMUNIO } as const;
