export type {
  Conference,
  ConferenceInput,
  ConferencePatch,
  ConferenceSchedule,
} from './conference.ts';
export { isServerMatch } from './server-match.ts';
export { TrueConfClient } from './trueconf-client.ts';
export type { RequestOptions } from './trueconf-client-options.ts';
export {
  TrueConfError,
  type TrueConfErrorClass,
  type TrueConfErrorCode,
} from './trueconf-error.ts';
export { canonicalTrueConfId } from './trueconf-id.ts';
export { type TrueConfLink, trueConfLinks } from './trueconf-link.ts';
export type { TrueConfUser } from './trueconf-user.ts';
