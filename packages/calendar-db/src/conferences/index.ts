export {
  type AddressAnswer,
  type AddressMapping,
  type AddressQuestion,
  answerAddresses,
  askForAddresses,
  deferAddressQuestions,
  markAnswersPlanned,
  readAddressMap,
  readUnplannedAnswers,
  takeAddressQuestions,
} from './address-map.ts';
export type { ConferenceState, Invitee } from './conference-columns.ts';
export { type ConferenceLogRow, listConferenceLog, listPlanned, listStarts } from './conference-log.ts';
export {
  beginLaunching,
  type ConferencePlan,
  type EventCopy,
  type EventFacts,
  listEventsNaming,
  listPlannableEvents,
  planConferences,
  readEventFacts,
} from './conference-plans.ts';
export {
  type ActualConference,
  type ClaimedConference,
  type ConferenceLogEntry,
  type ConferenceOutcome,
  claimConferences,
  countConferenceHolders,
  countOverdueStarts,
  LOCAL_STEPS,
  type LocalStep,
  nextConferenceDue,
  pruneConferences,
  readConferenceSalt,
  renewConferenceClaim,
  SERVER_STEPS,
  type ServerStep,
  type StepRules,
  settleConferences,
} from './conferences.ts';
