import { type Gssapi, type GssapiCredential, GssapiError } from 'gssapi';
import { abortable } from '../abortable.ts';
import { EwsAuthError, type EwsCallPlace } from '../ews-error.ts';
import { EwsKerberosKdcError } from './kerberos-errors.ts';
import { type KerberosNames, kerberosError } from './kerberos-failure.ts';

interface Held {
  readonly credential: GssapiCredential;
  /** `performance.now()` from which on new tickets are got, and from which on these are worth nothing. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/** The library gives a KDC up by itself sooner. */
const timeoutMs = 60_000;
/** So long a call waits for new tickets while the old ones are still good. */
const patienceMs = 3_000;
const askAgainMs = 60_000;

/**
 * Keeps the tickets of one principal. New ones are got with the keytab when half of the old ones' time is over, by one call; until
 * they are there, or when no KDC answers, the old ones are used to their end.
 */
export class TicketSource {
  readonly #gssapi: Gssapi;
  readonly #names: KerberosNames;
  #held: Held | undefined;
  #fetching: Promise<Held> | undefined;
  #notBefore = 0;

  constructor(gssapi: Gssapi, names: KerberosNames) {
    this.#gssapi = gssapi;
    this.#names = names;
  }

  /**
   * Tickets that are good now.
   * @throws EwsAuthError when the KDC refuses the keys, EwsKerberosError; the signal's reason when it aborts
   */
  async credential(place: EwsCallPlace, signal: AbortSignal): Promise<GssapiCredential> {
    const held = this.#held;
    const now = performance.now();
    if (held === undefined || now >= held.endsAt) return (await abortable(this.#fetch(place), signal)).credential;
    if (now < held.renewAt || now < this.#notBefore || this.#fetching !== undefined) return held.credential;
    try {
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      return (await abortable(this.#fetch(place), waiting)).credential;
    } catch (failure) {
      // A refusal is told at once: the account may be locked when others go on trying.
      if (signal.aborted || failure instanceof EwsAuthError) throw failure;
      return held.credential;
    }
  }

  /** The service, or the library, does not take these tickets: they are not given out again. */
  reject(credential: GssapiCredential): void {
    if (this.#held?.credential === credential) this.#held = undefined;
  }

  #fetch(place: EwsCallPlace): Promise<Held> {
    if (this.#fetching === undefined) {
      this.#fetching = this.#acquire(place).finally(() => {
        this.#fetching = undefined;
      });
      // Callers that gave up do not hear of it.
      this.#fetching.catch(() => undefined);
    }
    return this.#fetching;
  }

  async #acquire(place: EwsCallPlace): Promise<Held> {
    const { principal, keytab } = this.#names;
    const held = this.#held;
    const overdue = AbortSignal.timeout(timeoutMs);
    try {
      const began = performance.now();
      const credential = await this.#gssapi.acquire(principal, keytab, overdue);
      const lifeMs = credential.lifetimeSeconds * 1000;
      this.#held = { credential, renewAt: began + lifeMs / 2, endsAt: began + lifeMs };
      return this.#held;
    } catch (failure) {
      if (held !== undefined) {
        this.#notBefore = performance.now() + Math.min(askAgainMs, (held.endsAt - held.renewAt) / 5);
      }
      if (overdue.aborted) {
        const message = `no KDC answered within ${timeoutMs / 1000} s: check port 88 to the domain controllers`;
        throw new EwsKerberosKdcError(message, place, { errorClass: 'transient', scope: 'host' });
      }
      throw failure instanceof GssapiError ? kerberosError(failure, this.#names, place) : failure;
    }
  }
}
