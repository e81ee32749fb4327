export { CapturedLog, type LogEntry } from './captured-log.ts';
export { type ChildExit, ChildWorker, type ChildWorkerOptions, spawnWorker } from './child-worker.ts';
export { freePort, type TestConfig, writeTestConfig } from './test-config.ts';
export { startTestWorker, type TestWorker, type TestWorkerOptions } from './test-worker.ts';
