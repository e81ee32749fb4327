import { writeFileSync } from 'node:fs';
import { renderConfigSchema, renderConfigurationDocs } from './render-docs.ts';

// Run by `pnpm --filter connector-config run docs`.
const docs = new URL('../../../docs/', import.meta.url);
writeFileSync(new URL('configuration.md', docs), renderConfigurationDocs());
writeFileSync(new URL('config.schema.json', docs), renderConfigSchema());
