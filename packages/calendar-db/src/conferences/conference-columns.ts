import { z } from 'zod';
import { json, oneOf } from '../database/column-types.ts';

export type ConferenceState =
  | 'planned'
  | 'ready'
  | 'running'
  | 'cancelling'
  | 'ended'
  | 'cancelled'
  | 'missed'
  | 'failed';

export const CONFERENCE_STATE = oneOf(
  'planned',
  'ready',
  'running',
  'cancelling',
  'ended',
  'cancelled',
  'missed',
  'failed',
);

/** What an event is to have: a conference of ours, another's that it links to, or none. */
export const WANTED = oneOf('own', 'link', 'none');

export interface Invitee {
  /** TrueConf ID. */
  readonly id: string;
  readonly address: string;
}

export const INVITEES = json(z.array(z.strictObject({ id: z.string(), address: z.string() })));
