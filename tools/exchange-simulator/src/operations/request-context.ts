import type { Outages } from '../outages/outages.ts';
import type { Route } from '../routing/front-end.ts';
import type { SimulatorSettings } from '../settings.ts';
import type { Account } from '../store/account.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import type { EventStream } from '../streaming/event-stream.ts';
import type { OpenStreams } from '../streaming/open-streams.ts';
import type { Subscriptions } from '../streaming/subscriptions.ts';
import type { ExchangeZone } from '../time/exchange-zone.ts';

/** Who calls, for which mailbox, and how the answer shall look. */
export interface RequestContext {
  readonly organization: Organization;
  readonly account: Account;
  /** The impersonated mailbox, else the caller's own; undefined for a service account that impersonates nobody. */
  readonly mailbox: Mailbox | undefined;
  /** The site at whose address the request came in; undefined: the first. */
  readonly site: string | undefined;
  readonly version: string;
  readonly zone: ExchangeZone;
  /** `FindItem` results per call, 1000 by Exchange's default. */
  readonly findCountLimit: number;
  readonly settings: SimulatorSettings;
  /** Whose throttling budget pays: the address of the impersonated mailbox, else the account's name. */
  readonly budget: string;
  readonly route: Route;
  readonly subscriptions: Subscriptions;
  readonly streams: OpenStreams;
  readonly outages: Outages;
  /** Where an operation leaves the stream that shall follow its answer. */
  readonly opening: { stream?: EventStream };
  readonly receivedAddresses: SimulatorSettings['receivedAddresses'];
}
