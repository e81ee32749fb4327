import type { EwsError } from 'ews-client';
import { ServerHeldError } from './server-held-error.ts';

/** When the server does not say how long (docs/reference/exchange.md §10.2). */
const SHORTEST_HOLD_MS = 1_000;
const WORTH_SWEEPING = 1_000;

/**
 * Mailboxes that their server asked to be left alone, each for its own time, while the others go on. The database keeps
 * the same for syncs of all workers; here it also holds back what this process does besides, such as subscriptions.
 */
export class MailboxHolds {
  readonly #heldUntil = new Map<string, number>();

  /** @throws ServerHeldError while a mailbox is to be left alone */
  check(mailbox: string): void {
    const until = this.#heldUntil.get(mailbox);
    if (until === undefined) return;
    const left = until - performance.now();
    if (left > 0) throw new ServerHeldError('it', mailbox, left, 'mailbox');
    this.#heldUntil.delete(mailbox);
  }

  /** Takes note of an answer that asks for a pause. */
  judge({ errorClass, scope, mailbox, backOffMs = 0 }: EwsError): void {
    if (errorClass !== 'throttle' || scope !== 'mailbox' || mailbox === null) return;
    const until = performance.now() + Math.max(SHORTEST_HOLD_MS, backOffMs);
    this.#heldUntil.set(mailbox, Math.max(until, this.#heldUntil.get(mailbox) ?? 0));
    if (this.#heldUntil.size > WORTH_SWEEPING) this.#sweep();
  }

  #sweep(): void {
    const now = performance.now();
    for (const [mailbox, until] of this.#heldUntil) if (until <= now) this.#heldUntil.delete(mailbox);
  }
}
