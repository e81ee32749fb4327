import type { Account } from '../../store/account.ts';
import type { AccountGuard } from './account-guard.ts';

/**
 * Checks a Basic login in any of its forms. Passwords are taken as UTF-8 or, as IIS also does, as Latin-1.
 *
 * @returns the account that is named, if any, and whether it is let in
 */
export function checkBasic(guard: AccountGuard, header: string): { account: Account | undefined; accepted: boolean } {
  const match = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header);
  if (match === null) return { account: undefined, accepted: false };
  const bytes = Buffer.from(match[1]!, 'base64');
  const readings = [...new Set([bytes.toString('utf8'), bytes.toString('latin1')])].map(parted);
  const account = readings.map(({ login }) => guard.find(login)).find((found) => found !== undefined);
  if (account === undefined) return { account: undefined, accepted: false };
  const accepted = guard.admit(account, () =>
    readings.some(({ login, password }) => guard.find(login) === account && guard.isPassword(account, password)),
  );
  return { account, accepted };
}

function parted(text: string): { login: string; password: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { login: '', password: '' } : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}
