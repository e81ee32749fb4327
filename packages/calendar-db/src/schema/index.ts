export { bootstrapScript } from './bootstrap.ts';
export { migrate } from './migrate.ts';
export { readSchemaStatus } from './schema-status.ts';
export { checkTriggers } from './trigger-drift.ts';
