import { ConfigInvalidError } from '../config-errors.ts';
import { parseConfig } from '../load-config.ts';

/** The lines with which a config is refused. */
export function refusal(text: string): string[] {
  try {
    parseConfig(text, 'config.json');
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the config was accepted');
}
