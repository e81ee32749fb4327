import type { IncomingMessage } from 'node:http';
import type { SimulatorSettings } from '../../settings.ts';
import type { Organization } from '../../store/organization.ts';
import { AccountGuard } from './account-guard.ts';
import { checkBasic } from './basic.ts';
import { authFormOf, type Login, type LoginOutcome } from './login.ts';
import { channelHash } from './ntlm/channel-hash.ts';
import { NtlmAcceptor } from './ntlm/ntlm-acceptor.ts';
import { TokenService } from './token-service.ts';

/** Finds out who sends a request, by what the settings offer. */
export class Authenticator {
  readonly tokens: TokenService;
  readonly #settings: SimulatorSettings;
  readonly #guard: AccountGuard;
  readonly #ntlm: NtlmAcceptor;

  /** @param certificate the listener's, PEM; undefined without TLS */
  constructor(organization: Organization, settings: SimulatorSettings, certificate: string | undefined) {
    this.#settings = settings;
    this.#guard = new AccountGuard(organization, settings);
    this.#ntlm = new NtlmAcceptor(this.#guard, settings, certificate === undefined ? null : channelHash(certificate));
    this.tokens = new TokenService(this.#guard, organization, settings);
  }

  /** Forgets logged-in connections and tokens. */
  reset(): void {
    this.#ntlm.reset();
    this.tokens.revoke();
  }

  /** The login of a request; NTLM is a matter of its connection. */
  login(request: IncomingMessage): Login {
    const header = request.headers.authorization;
    const form = authFormOf(header);
    if (header === undefined || form === 'none') return this.#withoutHeader(request);
    if (form !== 'ntlm') this.#ntlm.interrupt(request.socket);
    if (!this.#offers(form)) return { form, outcome: 'refused', account: undefined, refusal: this.#refusal() };
    if (form === 'basic') {
      const { account, accepted } = checkBasic(this.#guard, header);
      return { form, outcome: accepted ? 'accepted' : 'refused', account, refusal: this.#refusal() };
    }
    const token = header.slice(header.indexOf(' ') + 1).trim();
    if (form === 'bearer') {
      const { account, diagnostics } = this.tokens.check(token);
      const outcome: LoginOutcome = diagnostics === undefined ? 'accepted' : 'refused';
      return { form, outcome, account, refusal: this.#refusal(diagnostics) };
    }
    if (form === 'ntlm') return this.#ntlmLogin(request, token);
    return { form, outcome: 'refused', account: undefined, refusal: this.#refusal() };
  }

  #withoutHeader({ socket }: IncomingMessage): Login {
    this.#ntlm.interrupt(socket);
    const account = this.#offers('ntlm') ? this.#ntlm.accountOf(socket) : undefined;
    if (account !== undefined) return { form: 'ntlm', outcome: 'kept', account, refusal: {} };
    return { form: 'none', outcome: 'none', account: undefined, refusal: this.#refusal() };
  }

  #ntlmLogin({ socket }: IncomingMessage, token: string): Login {
    const step = this.#ntlm.take(socket, token);
    if (step.kind === 'challenge') {
      const refusal = { 'www-authenticate': `NTLM ${step.token}` };
      return { form: 'ntlm', outcome: 'challenged', account: undefined, refusal };
    }
    return { form: 'ntlm', outcome: step.kind, account: step.account, refusal: this.#refusal() };
  }

  #offers(form: string): boolean {
    return this.#settings.authOffers.some((offer) => offer.split(' ', 1)[0]!.toLowerCase() === form);
  }

  #refusal(diagnostics?: string): Record<string, string> {
    const offers = { 'www-authenticate': this.#settings.authOffers.join('\n') };
    return diagnostics === undefined ? offers : { ...offers, 'x-ms-diagnostics': diagnostics };
  }
}
