import { join } from 'node:path';

/** Where the compiled addon for this platform is, whether it is there or not. */
export function addonFile(): string {
  return join(import.meta.dirname, '../prebuilt', `gssapi-${process.platform}-${process.arch}.node`);
}
