import type { Attendee } from './occurrence.ts';

type Answered = Pick<Attendee, 'response' | 'respondedAt'>;

/**
 * Of two entries of one person among the attendees of an event, the one whose response counts: the later by
 * `LastResponseTime` (docs/reference/exchange.md §7.7), else the one that holds an answer, else the first.
 */
export function laterResponse<Entry extends Answered>(first: Entry, second: Entry): Entry {
  const at = ({ respondedAt }: Answered) => respondedAt ?? Number.NEGATIVE_INFINITY;
  if (at(first) !== at(second)) return at(second) > at(first) ? second : first;
  return !isAnswer(first.response) && isAnswer(second.response) ? second : first;
}

/** Whether a response says yes, maybe or no. */
export function isAnswer(response: Attendee['response']): boolean {
  return response === 'accepted' || response === 'tentative' || response === 'declined';
}
