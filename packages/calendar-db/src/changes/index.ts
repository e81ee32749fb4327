export {
  type ChangeRow,
  isRecoverable,
  type LogPosition,
  noticeLogRegression,
  pruneChanges,
  readChanges,
  readLogHead,
} from './change-log.ts';
export {
  beginPass,
  type CompletePass,
  type Consumer,
  countUnreadChanges,
  endPass,
  holdConsumer,
  makeConsumer,
  moveConsumer,
  movePass,
  noteMixedRules,
} from './consumers.ts';
export { readTouchedEvents, readTouchedEventsOf } from './touched-events.ts';
