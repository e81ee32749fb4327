import type { Queryable } from 'calendar-db/database';
import type { ConnectorConfig } from 'connector-config';
import type { Logger } from 'worker-kit';
import type { Hub } from '../connections/hub.ts';
import type { ChangeTail } from '../delivery/change-tail.ts';
import type { EventReader } from '../delivery/event-reader.ts';
import type { Resumes } from '../delivery/resumes.ts';
import type { AccessTokens } from '../sign-in/access-tokens.ts';
import type { BadTokenLimit } from '../sign-in/bad-token-limit.ts';
import type { TrueConfServers } from '../sign-in/trueconf-servers.ts';

/** What the methods of the protocol work with. */
export interface MethodServices {
  /** The config in use; it may be another one at each call. */
  readonly config: () => ConnectorConfig;
  readonly database: Queryable;
  readonly tail: ChangeTail;
  readonly reader: EventReader;
  readonly resumes: Resumes;
  readonly hub: Hub;
  readonly servers: TrueConfServers;
  readonly tokens: AccessTokens;
  readonly badTokens: BadTokenLimit;
  readonly log: Logger;
  /** Unix ms by the database's clock. */
  readonly databaseNow: () => number;
}
