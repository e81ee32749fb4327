import type { WorkerDefinition } from 'worker-kit';
import { assemble } from './assemble.ts';

/**
 * The process that brings calendar events to TrueConf Server. The planner writes what is wanted, the runners make it so;
 * both share only the calendar database, with each other and with all other launchers.
 */
export function launcher(): WorkerDefinition {
  return {
    kind: 'launcher',
    sections: [
      'conferences',
      'launchConference',
      'temporalConfParticipantsMode',
      'privacy',
      'trueconfServers',
      'productWhitelist',
      'calendarProviders',
    ],
    needsKey: (config) => config.trueconfServers.length > 0,
    start: assemble,
  };
}
