import type { SimulatedUser } from 'trueconf-simulator';
import { Outlook } from '../outlook/outlook.ts';
import { addressOf, DOMAIN, EMPLOYEES, PASSWORD, ROOM, SERVICE_PASSWORD } from './people.ts';

/** TrueConf users of the company: everybody but the room. */
export const TRUECONF_USERS: SimulatedUser[] = EMPLOYEES.map(({ id, name }) => ({
  id,
  email: addressOf(id),
  displayName: name,
  password: PASSWORD,
}));

/** Makes the company's mailboxes and accounts in the Exchange simulator, through its control API. */
export async function seedMailboxes(controlUrl: string): Promise<void> {
  const people = EMPLOYEES.map(({ id, name }) => ({ address: addressOf(id), displayName: name, password: PASSWORD }));
  const room = { address: addressOf(ROOM.id), displayName: ROOM.name };
  const service = { login: 'calendar', domain: 'CORP', password: SERVICE_PASSWORD, impersonates: 'all' };
  const response = await fetch(`${controlUrl}/seed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mailboxes: [...people, room], accounts: [service] }),
  });
  if (!response.ok) throw new Error(`the Exchange simulator refused the company: ${await response.text()}`);
}

/** Outlook of an employee, signed in with his own password. */
export function outlookOf(ewsUrl: string): (id: string) => Outlook {
  return (id) =>
    new Outlook({ ewsUrl, login: `${id}@${DOMAIN}`, password: PASSWORD, mailbox: addressOf(id), impersonate: false });
}
