export type {
  Conference,
  ConferenceInput,
  ConferenceMode,
  ConferencePatch,
  ConferenceSchedule,
  Invitation,
} from './conference.ts';
export { isServerMatch } from './server-match.ts';
export { TrueConfClient } from './trueconf-client.ts';
export type { RequestOptions, TrueConfClientOptions } from './trueconf-client-options.ts';
export {
  type RequestSent,
  TrueConfError,
  type TrueConfErrorClass,
  type TrueConfErrorCode,
} from './trueconf-error.ts';
export { canonicalTrueConfId } from './trueconf-id.ts';
export { type TrueConfLink, trueConfLink, trueConfLinks } from './trueconf-link.ts';
export type { TrueConfUser } from './trueconf-user.ts';
