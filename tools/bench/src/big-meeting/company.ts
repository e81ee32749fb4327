import { addressOf, type ExchangeControl, PASSWORD, type TrueConfControl } from 'stack-driver';

const AT_ONCE = 500;

/** Everyone in the story, by TrueConf ID. */
export interface Company {
  /** The people of the big meeting, its organizer first. */
  readonly people: readonly string[];
  /** Two who are not in it: one plans small meetings with the other. */
  readonly others: readonly [string, string];
}

/** Gives each of them an empty mailbox and a user on TrueConf Server. */
export async function makeCompany(
  exchange: ExchangeControl,
  trueconf: TrueConfControl,
  size: number,
): Promise<Company> {
  const people = Array.from({ length: size }, (_, n) => `person${String(n).padStart(5, '0')}`);
  const others = ['other1', 'other2'] as const;
  const all = [...people, ...others];
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const some = all.slice(first, first + AT_ONCE);
    await exchange.addPeople(some.map((id) => ({ address: addressOf(id), password: PASSWORD })));
    await trueconf.addUsers(some.map((id) => ({ id, email: addressOf(id), password: PASSWORD })));
  }
  return { people, others };
}
