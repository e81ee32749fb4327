import { EwsError, type EwsErrorClass, type EwsErrorScope } from 'ews-client';
import { ServerHeldError } from '../accounts/server-held-error.ts';

const SHORTEST_SECONDS = 1;

export interface QuestionDelayRules {
  /** Classes of failures that do not pass by themselves: the server will not answer such questions tomorrow either. */
  readonly unable: readonly EwsErrorClass[];
  /** How far such a failure reaches; absent: as far as it likes. */
  readonly unableScope?: EwsErrorScope;
  /** Seconds until a server that will not answer is asked again. */
  readonly unableSeconds: number;
  /** Seconds after any other failure, unless the server asks for more. */
  readonly deferSeconds: number;
}

/** How long questions wait that a server was asked besides its calendars, and did not answer. */
export class QuestionDelays {
  readonly #rules: QuestionDelayRules;

  constructor(rules: QuestionDelayRules) {
    this.#rules = rules;
  }

  /** Whether a failure will not pass by itself, and nothing else tells people of it. */
  isUnable(failure: unknown): failure is EwsError {
    const { unable, unableScope } = this.#rules;
    if (!(failure instanceof EwsError) || !unable.includes(failure.errorClass)) return false;
    return unableScope === undefined || failure.scope === unableScope;
  }

  /** Seconds until the questions are asked again. */
  after(failure: unknown): number {
    const { unableSeconds, deferSeconds } = this.#rules;
    if (failure instanceof ServerHeldError) return Math.max(SHORTEST_SECONDS, failure.heldMs / 1000);
    if (this.isUnable(failure)) return unableSeconds;
    const backOffMs = failure instanceof EwsError ? (failure.backOffMs ?? 0) : 0;
    return Math.max(deferSeconds, backOffMs / 1000);
  }
}
