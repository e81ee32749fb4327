import { randomBytes } from 'node:crypto';
import type { SimulatorSettings } from '../../settings.ts';
import type { Account } from '../../store/account.ts';
import type { Organization } from '../../store/organization.ts';
import { type Answer, plainAnswer } from '../answer.ts';
import type { AccountGuard } from './account-guard.ts';

interface Issued {
  readonly account: Account;
  readonly scope: string;
  /** Unix ms by the server's clock. */
  readonly expires: number;
}

/** Why a bearer token was refused, as Exchange tells it in `x-ms-diagnostics`. */
const REASONS = {
  unknown: '2000001;reason="The token is not one of this issuer.";error_category="invalid_signature"',
  expired: '2000002;reason="The token has expired.";error_category="token_expired"',
  audience: '2000003;reason="The audience claim value is invalid.";error_category="invalid_resource"',
  user: '2000005;reason="The user is not allowed to sign in.";error_category="invalid_user"',
} as const;

export type TokenCheck =
  | { readonly account: Account; readonly diagnostics: undefined }
  | { readonly account: Account | undefined; readonly diagnostics: string };

/**
 * The identity provider of the organization: an OAuth 2.0 token endpoint for client credentials (RFC 6749 §4.4), where an
 * account's login is the client id and its password the secret, and the check of the tokens it gave out.
 */
export class TokenService {
  readonly #guard: AccountGuard;
  readonly #organization: Organization;
  readonly #settings: SimulatorSettings;
  readonly #issued = new Map<string, Issued>();

  constructor(guard: AccountGuard, organization: Organization, settings: SimulatorSettings) {
    this.#guard = guard;
    this.#organization = organization;
    this.#settings = settings;
  }

  /** Makes all tokens given out so far invalid. */
  revoke(): void {
    this.#issued.clear();
  }

  /** Answers a request of the token endpoint; the body is form-encoded. */
  answer(body: string, authorization: string | undefined): { answer: Answer; account: Account | undefined } {
    const form = new URLSearchParams(body);
    const client = clientOf(form, authorization);
    const refuse = (status: number, error: string, account?: Account) => ({
      answer: json(status, { error, error_description: `The request was refused: ${error}.` }),
      account,
    });
    if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type');
    const account = client && this.#guard.find(client.id);
    if (client === undefined || account === undefined) return refuse(401, 'invalid_client');
    if (!this.#guard.admit(account, () => this.#guard.isPassword(account, client.secret))) {
      return refuse(401, 'invalid_client', account);
    }
    const scope = form.get('scope') ?? '';
    if (scope === '') return refuse(400, 'invalid_scope', account);
    const token = randomBytes(32).toString('base64url');
    const seconds = this.#settings.tokenLifetimeSeconds;
    this.#issued.set(token, { account, scope, expires: this.#organization.now() + seconds * 1000 });
    return { answer: json(200, { token_type: 'Bearer', access_token: token, expires_in: seconds }), account };
  }

  /** Checks the token of a request. */
  check(token: string): TokenCheck {
    const issued = this.#issued.get(token);
    if (issued === undefined) return { account: undefined, diagnostics: REASONS.unknown };
    const { account, scope, expires } = issued;
    if (expires <= this.#organization.now()) return { account, diagnostics: REASONS.expired };
    const { tokenAudience } = this.#settings;
    if (tokenAudience !== null && !scope.startsWith(tokenAudience)) return { account, diagnostics: REASONS.audience };
    const isCurrent = this.#organization.account(account.name) === account;
    if (!isCurrent || account.disabled || account.locked) return { account, diagnostics: REASONS.user };
    return { account, diagnostics: undefined };
  }
}

function clientOf(
  form: URLSearchParams,
  authorization: string | undefined,
): { id: string; secret: string } | undefined {
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  if (id !== null && secret !== null) return { id, secret };
  const basic = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
  const parts = new URLSearchParams(
    Buffer.from(basic ?? '', 'base64')
      .toString('utf8')
      .replace(/^([^:]*):(.*)$/s, 'id=$1&secret=$2'),
  );
  const [basicId, basicSecret] = [parts.get('id'), parts.get('secret')];
  return basicId === null || basicSecret === null ? undefined : { id: basicId, secret: basicSecret };
}

function json(status: number, value: unknown): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return plainAnswer(status, headers, JSON.stringify(value));
}
