/** Somebody of the example company: a mailbox in Exchange and a user of TrueConf Server. */
export interface Employee {
  /** Local part of the address, login in Exchange, and TrueConf ID. */
  readonly id: string;
  readonly name: string;
  /** Windows and IANA ids of the zone that the person plans in. */
  readonly zone: string;
  readonly iana: string;
}

export const DOMAIN = 'corp.example';
/** Everybody's password, in Exchange and in TrueConf. */
export const PASSWORD = 'demo';
/** The account with the right to impersonate. */
export const SERVICE_LOGIN = 'CORP\\calendar';
export const SERVICE_PASSWORD = 'demo-service';
export const SERVER_ID = 'conf.corp.example';

export const EMPLOYEES: readonly Employee[] = [
  { id: 'anna', name: 'Anna Keller', zone: 'W. Europe Standard Time', iana: 'Europe/Berlin' },
  { id: 'boris', name: 'Boris Levin', zone: 'Russian Standard Time', iana: 'Europe/Moscow' },
  { id: 'chloe', name: 'Chloe Martin', zone: 'GMT Standard Time', iana: 'Europe/London' },
  { id: 'dmitri', name: 'Dmitri Orlov', zone: 'Russian Standard Time', iana: 'Europe/Moscow' },
  { id: 'elena', name: 'Elena Petrova', zone: 'Tokyo Standard Time', iana: 'Asia/Tokyo' },
  { id: 'farid', name: 'Farid Rahimi', zone: 'Eastern Standard Time', iana: 'America/New_York' },
];

/** A meeting room: a mailbox without a person. */
export const ROOM = { id: 'room-aurora', name: 'Aurora (4th floor)' } as const;

export function addressOf(id: string): string {
  return `${id}@${DOMAIN}`;
}

export function employee(id: string): Employee {
  const found = EMPLOYEES.find((person) => person.id === id);
  if (found === undefined) throw new Error(`nobody at ${DOMAIN} is called ${id}`);
  return found;
}
