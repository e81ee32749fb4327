import { beginLaunching } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import { mayLaunch, type PlanRules, planRules, rulesDigest } from './plan-rules.ts';

/** What is planned by: made from the configuration in force when a turn begins, and good for this turn only. */
export interface TurnRules {
  readonly config: ConnectorConfig;
  readonly digest: string;
  readonly rules: PlanRules;
}

/** @param version of this build */
export async function readTurnRules(database: Queryable, config: ConnectorConfig, version: string): Promise<TurnRules> {
  const launchingSince = await beginLaunching(database, mayLaunch(config));
  return { config, digest: rulesDigest(config, version), rules: planRules(config, launchingSince) };
}
