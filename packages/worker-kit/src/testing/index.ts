export { CapturedLog } from './captured-log.ts';
export { ChildWorker, spawnWorker } from './child-worker.ts';
export { type TestConfig, writeTestConfig } from './test-config.ts';
export { startTestWorker, type TestWorker } from './test-worker.ts';
