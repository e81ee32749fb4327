export { bootstrapScript } from './bootstrap.ts';
export { migrate, readSchemaStatus } from './migrate.ts';
export { checkTriggers } from './trigger-drift.ts';
