import { addressOf, type ExchangeControl, PASSWORD, type TrueConfControl } from 'stack-driver';

const AT_ONCE = 500;

/** Everyone in the story, by TrueConf ID. */
export interface Company {
  /** The people of the big meeting, its organizer first. */
  readonly people: readonly string[];
  /** Two who are not in it and plan small meetings in Exchange. */
  readonly outside: readonly [string, string];
  /** Two who are not in it either, and whose small meetings come straight into the database. */
  readonly direct: readonly [string, string];
}

/** Gives each of them an empty mailbox and a user on TrueConf Server. */
export async function makeCompany(
  exchange: ExchangeControl,
  trueconf: TrueConfControl,
  size: number,
): Promise<Company> {
  const people = Array.from({ length: size }, (_, n) => `person${String(n).padStart(5, '0')}`);
  const company = { people, outside: ['outside1', 'outside2'], direct: ['direct1', 'direct2'] } as const;
  const all = everyone(company);
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const some = all.slice(first, first + AT_ONCE);
    await exchange.addPeople(some.map((id) => ({ address: addressOf(id), password: PASSWORD })));
    await trueconf.addUsers(some.map((id) => ({ id, email: addressOf(id), password: PASSWORD })));
  }
  return company;
}

export function everyone({ people, outside, direct }: Company): string[] {
  return [...people, ...outside, ...direct];
}
