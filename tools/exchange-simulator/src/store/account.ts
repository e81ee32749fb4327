/** A login of the directory. */
export interface Account {
  /** sAMAccountName, the short form. */
  readonly name: string;
  /** NetBIOS domain of the `DOMAIN\user` form. */
  readonly domain: string;
  /** The `user@domain` form. */
  readonly principalName: string;
  password: string;
  /** Address of the account's own mailbox; service accounts usually have none. */
  readonly mailbox: string | undefined;
  /** `ApplicationImpersonation`: nobody, everybody, or the addresses of a management scope. */
  impersonates: 'none' | 'all' | readonly string[];
  disabled: boolean;
  /** Wrong passwords since the last right one. */
  badPasswords: number;
  /** By too many of them: nobody gets in until it is unlocked. */
  locked: boolean;
}

/** Whether a login as typed by a user names this account, in any of the three forms and without regard to case. */
export function answersToLogin(account: Account, login: string): boolean {
  const typed = login.toLowerCase();
  const forms = [account.name, `${account.domain}\\${account.name}`, account.principalName];
  return forms.some((form) => form.toLowerCase() === typed);
}

/** Whether the account may act as the mailbox with this primary address. */
export function mayImpersonate(account: Account, address: string): boolean {
  if (account.impersonates === 'none') return false;
  if (account.impersonates === 'all') return true;
  return account.impersonates.some((allowed) => allowed.toLowerCase() === address.toLowerCase());
}
