import { retrySignIn } from 'calendar-db/operator';
import type { CommandContext } from '../command-context.ts';

/** `retry-sign-in [login]`: accounts that Exchange refused are tried again, though their password stayed the same. */
export async function retrySignInCommand(context: CommandContext, login: string | undefined): Promise<void> {
  const tried = await context.withDatabase((database) => retrySignIn(database, login ?? null));
  context.answer({ tried }, () =>
    tried.length === 0
      ? ['no account was stopped']
      : tried.map((account) => `workers try ${account.login} at ${account.provider} again, three times at most`),
  );
}
