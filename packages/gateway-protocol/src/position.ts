/** A point in the change log: `epoch` names the log's history, `seq` how far it was read. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

const POSITION_TEXT = /^([0-9A-Za-z_-]{1,64}):(0|[1-9][0-9]{0,15})$/u;

/**
 * Reads `epoch:seq`.
 *
 * @returns null when the text is no position; whether it can still be continued from is the gateway's to say
 */
export function parsePosition(text: string): Position | null {
  const match = POSITION_TEXT.exec(text);
  const seq = Number(match?.[2]);
  return match?.[1] !== undefined && Number.isSafeInteger(seq) ? { epoch: match[1], seq } : null;
}

/** The text form, `epoch:seq`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}`;
}
