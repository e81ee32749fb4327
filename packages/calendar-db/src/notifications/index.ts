export { CalendarListener } from './calendar-listener.ts';
export { detectPooler } from './pooler.ts';
export { notifyWorkers, type WorkerMessage } from './worker-message.ts';
