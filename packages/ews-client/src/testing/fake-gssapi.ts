import { type Gssapi, type GssapiCredential, GssapiError, type GssapiStep } from 'gssapi';

/** A failure as the Kerberos library tells it. */
export function gssapiFailure(symbol: string, details: Partial<GssapiError> = {}): GssapiError {
  const { stage = 'ticket', keys = [], message = 'the library’s own words' } = details;
  return new GssapiError({ stage, symbol, reason: message, keys });
}

/**
 * Tickets without a KDC. Tokens read `token NUMBER` and a server's last token `done`; anything else that a server answers is
 * refused, but for what `answers` names.
 */
export class FakeGssapi implements Gssapi {
  acquired = 0;
  lifetimeSeconds = 36_000;
  /** What the next acquisitions fail with. */
  readonly failures: Error[] = [];
  /** What the next first steps fail with. */
  readonly stepFailures: Error[] = [];
  readonly begun: { service: string; bindings: Buffer | null }[] = [];
  /** What a step with this token of the server comes to. */
  readonly answers = new Map<string, GssapiStep | Error>([['done', { token: null, complete: true }]]);
  /** Acquisitions wait until it is called, when there is one. */
  release: Promise<void> | undefined;
  #tokens = 0;

  async acquire(): Promise<GssapiCredential> {
    this.acquired++;
    const failure = this.failures.shift();
    await this.release;
    if (failure !== undefined) throw failure;
    return { lifetimeSeconds: this.lifetimeSeconds, begin: (service, bindings) => this.#begin(service, bindings) };
  }

  #begin(service: string, bindings: Buffer | null) {
    this.begun.push({ service, bindings });
    return {
      step: async (token: Buffer | null) => {
        const failure = token === null ? this.stepFailures.shift() : undefined;
        if (failure !== undefined) throw failure;
        if (token === null) return { token: Buffer.from(`token ${++this.#tokens}`), complete: false };
        const answer =
          this.answers.get(token.toString()) ?? gssapiFailure('GSS_S_DEFECTIVE_TOKEN', { stage: 'context' });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
  }
}
