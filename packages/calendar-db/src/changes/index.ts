export {
  type ChangeRow,
  isRecoverable,
  type LogPosition,
  noticeLogRegression,
  pruneChanges,
  readChanges,
  readLogHead,
} from './change-log.ts';
export { type Consumer, countUnreadChanges, holdConsumer, makeConsumer, moveConsumer } from './consumers.ts';
export { readTouchedEvents, readTouchedEventsOf } from './touched-events.ts';
