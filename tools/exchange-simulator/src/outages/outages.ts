import { EwsError } from '../ews-error.ts';
import { type Answer, plainAnswer } from '../http/answer.ts';
import { backEndOf } from '../routing/back-end.ts';
import type { SimulatorSettings } from '../settings.ts';
import type { Mailbox } from '../store/mailbox.ts';

/** What clients get instead of an answer: a bare HTTP status, or an EWS error for whatever touches the mailbox. */
export type OutageAnswer =
  | { readonly form: 'http'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  | { readonly form: 'soapFault' | 'responseMessage'; readonly code: string };

/** Something that is out of order, of one server, of one mailbox, or of everything. */
export interface Outage {
  readonly id: string;
  /** Name of the server whose mailboxes are struck. */
  readonly backEnd: string | undefined;
  /** Primary address of the only mailbox that is struck. */
  readonly mailbox: string | undefined;
  readonly answer: OutageAnswer;
}

export interface NewOutage {
  readonly backEnd?: string | undefined;
  readonly mailbox?: string | undefined;
  readonly answer: OutageAnswer;
  /** Milliseconds after which it ends by itself. */
  readonly forMs?: number | undefined;
  /** Called once when it ends. */
  readonly onEnd?: () => void;
}

interface ActiveOutage {
  readonly outage: Outage;
  readonly timer: NodeJS.Timeout | undefined;
  readonly onEnd: (() => void) | undefined;
}

const MESSAGES: Readonly<Record<string, string>> = {
  ErrorMailboxMoveInProgress: 'The mailbox is being moved. Try again later.',
  ErrorMailboxStoreUnavailable: 'The mailbox database is temporarily unavailable.',
  ErrorMailboxFailover: 'The mailbox database is failing over to another server.',
};

/** @throws EwsError of an answer that is one. */
function refuseBy(answer: OutageAnswer): void {
  if (answer.form === 'http') return;
  throw new EwsError(answer.code, MESSAGES[answer.code] ?? 'The mailbox cannot be reached.', {
    fault: answer.form === 'soapFault',
  });
}

/** What is out of order at the moment. */
export class Outages {
  readonly #settings: SimulatorSettings;
  readonly #active = new Map<string, ActiveOutage>();
  #lastId = 0;

  constructor(settings: SimulatorSettings) {
    this.#settings = settings;
  }

  begin({ backEnd, mailbox, answer, forMs, onEnd }: NewOutage): Outage {
    this.#lastId += 1;
    const outage: Outage = { id: `outage-${this.#lastId}`, backEnd, mailbox, answer };
    const timer = forMs === undefined ? undefined : setTimeout(() => this.end(outage.id), forMs).unref();
    this.#active.set(outage.id, { outage, timer, onEnd });
    return outage;
  }

  /** False when there is none by that id. */
  end(id: string): boolean {
    const active = this.#active.get(id);
    if (active === undefined) return false;
    clearTimeout(active.timer);
    this.#active.delete(id);
    active.onEnd?.();
    return true;
  }

  list(): Outage[] {
    return [...this.#active.values()].map(({ outage }) => outage);
  }

  /**
   * The answer of an outage that leaves a request with a bare HTTP status, and the outage's id.
   *
   * @param mailbox the one acted for, as far as it is known
   */
  refuse(mailbox: Mailbox | undefined): { answer: Answer; id: string } | undefined {
    for (const outage of this.list()) {
      if (outage.answer.form !== 'http' || !this.#strikes(outage, mailbox)) continue;
      const { status, retryAfterSeconds } = outage.answer;
      const headers = retryAfterSeconds === undefined ? undefined : { 'retry-after': String(retryAfterSeconds) };
      return { answer: plainAnswer(status, headers), id: outage.id };
    }
    return undefined;
  }

  /** @throws EwsError when the mailbox cannot be reached, as a fault or for the element at hand. */
  checkMailbox(mailbox: Mailbox): void {
    for (const outage of this.list()) if (this.#strikes(outage, mailbox)) refuseBy(outage.answer);
  }

  /** @throws EwsError when the server of this name is lost, and so can hold nothing for anybody. */
  checkBackEnd(name: string): void {
    for (const { backEnd, answer } of this.list()) if (backEnd === name) refuseBy(answer);
  }

  #strikes({ backEnd, mailbox }: Outage, target: Mailbox | undefined): boolean {
    if (backEnd !== undefined && (target === undefined || backEndOf(target, this.#settings).name !== backEnd))
      return false;
    return mailbox === undefined || target?.identity.address === mailbox;
  }
}
