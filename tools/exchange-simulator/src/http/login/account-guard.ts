import { createHash, timingSafeEqual } from 'node:crypto';
import type { SimulatorSettings } from '../../settings.ts';
import { type Account, answersToLogin } from '../../store/account.ts';
import type { Organization } from '../../store/organization.ts';

/** The directory's rules about logins: disabled accounts, and those that too many wrong passwords locked. */
export class AccountGuard {
  readonly #organization: Organization;
  readonly #settings: SimulatorSettings;

  constructor(organization: Organization, settings: SimulatorSettings) {
    this.#organization = organization;
    this.#settings = settings;
  }

  /** The account with this login, in any of its forms. */
  find(login: string): Account | undefined {
    return this.#organization.accounts().find((candidate) => answersToLogin(candidate, login));
  }

  isPassword(account: Account, given: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(account.password), digest(given));
  }

  /**
   * Whether the account gets in; `proves` tells whether its password was shown. A wrong one is counted and may lock the
   * account, a right one begins the count anew. A locked account counts nothing and lets nobody in.
   */
  admit(account: Account, proves: () => boolean): boolean {
    if (account.locked) return false;
    if (!proves()) {
      account.badPasswords += 1;
      const { lockoutThreshold } = this.#settings;
      if (lockoutThreshold > 0 && account.badPasswords >= lockoutThreshold) account.locked = true;
      return false;
    }
    account.badPasswords = 0;
    return !account.disabled;
  }
}
