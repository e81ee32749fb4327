import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Journal } from '../journal.ts';
import type { Outages } from '../outages/outages.ts';
import type { FrontEnd } from '../routing/front-end.ts';
import type { Sites } from '../routing/sites.ts';
import type { SimulatorSettings } from '../settings.ts';
import type { Organization } from '../store/organization.ts';
import type { OpenStreams } from '../streaming/open-streams.ts';
import type { Subscriptions } from '../streaming/subscriptions.ts';
import type { Budgets } from '../throttling/budgets.ts';
import type { Authenticator } from './login/authenticator.ts';

/** What the EWS endpoint works on. */
export interface EwsParts {
  readonly organization: Organization;
  readonly settings: SimulatorSettings;
  readonly authenticator: Authenticator;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly frontEnd: FrontEnd;
  readonly subscriptions: Subscriptions;
  readonly streams: OpenStreams;
  readonly outages: Outages;
  readonly budgets: Budgets;
  readonly sites: Sites;
  /** The site that a request came in at; undefined: the first. */
  readonly site: string | undefined;
  /** Requests so far on each connection. */
  readonly callsOfSockets: WeakMap<object, number>;
}
