import { z } from 'zod';
import { conferences } from './schema/conferences-section.ts';
import { gateway } from './schema/gateway-section.ts';
import { database, log, ops, privacy, sync } from './schema/operations-sections.ts';
import { calendarProviders } from './schema/provider-section.ts';
import { trueconfServers } from './schema/trueconf-servers-section.ts';
import {
  cache,
  dbConnectionConfig,
  launchConference,
  productWhitelist,
  temporalConfParticipantsMode,
  wsPort,
} from './schema/vendor-sections.ts';

/** The top-level keys, each with its own schema, so that a mistake in one does not hide the others. */
export const sectionSchemas = {
  wsPort,
  dbConnectionConfig,
  launchConference,
  temporalConfParticipantsMode,
  cache,
  productWhitelist,
  calendarProviders,
  trueconfServers,
  gateway,
  conferences,
  privacy,
  database,
  sync,
  log,
  ops,
} as const;

/** The whole `config.json`. */
export const configSchema = z.object(sectionSchemas);

/** A checked config with all defaults filled in, paths absolute, addresses canonical and secrets still encrypted. */
export type ConnectorConfig = z.output<typeof configSchema>;
export type SectionName = keyof ConnectorConfig;
export type ProviderConfig = ConnectorConfig['calendarProviders'][number];
export type TrueConfServerConfig = ConnectorConfig['trueconfServers'][number];
export type GatewayConfig = ConnectorConfig['gateway'];
export type GatewayLimits = GatewayConfig['limits'];
export type ConferencesConfig = ConnectorConfig['conferences'];
