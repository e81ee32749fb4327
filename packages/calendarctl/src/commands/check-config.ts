import { ConfigError, type ConnectorConfig, EncryptedSecret } from 'connector-config';
import { FatalError, KeyHolder } from 'worker-kit';
import type { CommandContext } from '../command-context.ts';

/** `check-config`: all mistakes and doubts of the config, and whether its passwords can be decrypted. */
export async function checkConfigCommand(context: CommandContext): Promise<void> {
  const { config, path, warnings } = context.loadConfig();
  const keyWarnings: string[] = [];
  const unreadable = unreadableSecrets(config, new KeyHolder(path, context.io.env, (line) => keyWarnings.push(line)));
  if (unreadable.length > 0) throw new FatalError('config', 'secret-unreadable', unreadable);
  const doubts = [...warnings.map(({ message }) => message), ...keyWarnings];
  context.answer({ path, warnings: doubts }, () => [
    ...doubts.map((line) => `warning: ${line}`),
    `${path} can be used`,
  ]);
}

function unreadableSecrets(config: ConnectorConfig, keys: KeyHolder): string[] {
  const lines: string[] = [];
  for (const secret of secretsIn(config)) {
    const { key } = keys;
    try {
      secret.reveal(key);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      lines.push(error.message);
    }
  }
  return lines;
}

function secretsIn(value: unknown): EncryptedSecret[] {
  if (value instanceof EncryptedSecret) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}
