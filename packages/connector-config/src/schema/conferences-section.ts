import { z } from 'zod';
import { configKey } from './config-key.ts';
import { nonEmptyText, number, wholeNumber } from './field-types.ts';

export const conferences = configKey(
  'live',
  'Which events get a TrueConf conference, and how it is run.',
  z
    .object({
      match: configKey(
        'live',
        '`meetings`: every meeting of a known organizer. `links`: only events that carry a TrueConf link.',
        z.enum(['meetings', 'links']).default('meetings'),
      ),
      externalOrganizers: configKey(
        'live',
        'Also meetings whose organizer is from outside.',
        z.boolean().default(false),
      ),
      minimumPeople: configKey('live', 'Least number of people, organizer included.', wholeNumber(2, 1000).default(2)),
      createAhead: configKey(
        'live',
        'Hours before the start at which a conference is created.',
        number(0, 8760).default(24),
      ),
      openBefore: configKey('live', 'Minutes before the start at which it is run.', number(0, 1440).default(0)),
      grace: configKey(
        'live',
        'Minutes after the start in which a start that was missed is made up for, never past the event’s end.',
        number(0, 1440).default(30),
      ),
      perSeries: configKey('live', 'One conference id for all occurrences of a series.', z.boolean().default(false)),
      schedule: configKey(
        'live',
        '`none`: the connector alone runs it. `once`: also listed in TrueConf Server’s planner, which then starts it too.',
        z.enum(['none', 'once']).default('none'),
      ),
      stopOnCancel: configKey(
        'live',
        'Stop a running conference when its event is cancelled.',
        z.boolean().default(false),
      ),
      stopAfterEnd: configKey('live', 'Stop a running conference when its event is over.', z.boolean().default(false)),
      defaultOwner: configKey(
        'live',
        'TrueConf ID that owns a conference when neither organizer nor participants are known to the server.',
        nonEmptyText.optional(),
      ),
      dryRun: configKey('live', 'Plan and log only; nothing is created, run or rung.', z.boolean().default(false)),
      requestsPerSecond: configKey(
        'live',
        'Requests per second to each TrueConf Server.',
        number(0.1, 1000).default(60),
      ),
      safetyPollMs: configKey(
        'live',
        'How often the tables are read again although nothing was announced, in milliseconds; 0: never.',
        wholeNumber(0, 3_600_000).default(10_000),
      ),
    })
    .prefault({}),
);
