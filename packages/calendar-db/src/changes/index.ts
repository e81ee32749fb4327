export {
  type ChangeRow,
  type EventChange,
  isRecoverable,
  type LogPosition,
  noticeLogRegression,
  pruneChanges,
  readChanges,
  readEventChanges,
  readLogHead,
} from './change-log.ts';
export {
  awaitConsumer,
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
