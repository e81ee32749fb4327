import type { SimulatorSettings } from '../settings.ts';
import type { Account } from '../store/account.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import type { ExchangeZone } from '../time/exchange-zone.ts';

/** Who calls, for which mailbox, and how the answer shall look. */
export interface RequestContext {
  readonly organization: Organization;
  readonly account: Account;
  /** The impersonated mailbox, else the caller's own; undefined for a service account that impersonates nobody. */
  readonly mailbox: Mailbox | undefined;
  readonly version: string;
  readonly zone: ExchangeZone;
  /** `FindItem` results per call, 1000 by Exchange's default. */
  readonly findCountLimit: number;
  readonly receivedAddresses: SimulatorSettings['receivedAddresses'];
}
