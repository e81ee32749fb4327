/** Of how many mailboxes one stream can tell: `GetStreamingEvents` takes so many ids (docs/reference/exchange.md §6.7). */
export const MOST_MAILBOXES_PER_STREAM = 200;
