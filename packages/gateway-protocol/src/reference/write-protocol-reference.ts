import { readFileSync, writeFileSync } from 'node:fs';
import { fillReference } from './protocol-reference.ts';

/** `pnpm --filter gateway-protocol run docs`: brings the generated parts of `docs/protocol.md` up to date. */
const file = new URL('../../../../docs/protocol.md', import.meta.url);
writeFileSync(file, fillReference(readFileSync(file, 'utf8')));
