import type { ServerResponse } from 'node:http';

/** What goes back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the journal. */
  readonly responseCodes: readonly string[];
  /** Begins with the body and goes on until it ends the response itself. */
  readonly stream?: { open(response: ServerResponse, first: string): void };
  /** Send at most this many bytes of the body, then end it as if it were whole (`end`) or cut the connection (`cut`). */
  readonly shortened?: { readonly bytes: number; readonly ending: 'end' | 'cut' };
}

export const XML_HEADERS = { 'content-type': 'text/xml; charset=utf-8' } as const;

/** An answer that carries nothing of EWS. */
export function plainAnswer(status: number, headers: Record<string, string> = {}, body = ''): Answer {
  return { status, headers, body, responseCodes: [] };
}
