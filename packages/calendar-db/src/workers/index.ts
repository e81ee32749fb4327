export {
  forgetDeadWorkers,
  heartbeatWorker,
  listWorkers,
  type RegisteredWorker,
  readDatabaseClock,
  registerWorker,
  removeWorker,
  WORKER_DEAD_AFTER_MS,
  type WorkerEntry,
} from './workers.ts';
