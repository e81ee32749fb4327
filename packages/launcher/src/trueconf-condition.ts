import { TrueConfError } from 'trueconf-client';
import { type Logger, ServerCondition, type ServerPatience, type ServerVerdict } from 'worker-kit';

/** Short pauses, so that starts come soon after a server is back. */
const PATIENCE: ServerPatience = {
  downAfter: 3,
  downAfterLasting: 1,
  firstHoldMs: 250,
  longestHoldMs: 5_000,
  longestAskedHoldMs: 30_000,
  keepsFirstAskedHold: true,
};

/** Whether a TrueConf Server answers. @param onChange called when it goes away and when it is back */
export function trueConfCondition(
  serverId: string,
  log: Logger,
  onChange: (isAway: boolean) => void = () => undefined,
): ServerCondition {
  return new ServerCondition({
    log,
    patience: PATIENCE,
    judge,
    onChange,
    downLine: ({ message }, error) => ({
      level: 'error',
      event: 'trueconf.server-away',
      message: `${message}; no conference starts there until it answers, other servers are not affected`,
      fields: { serverId, error },
    }),
    backLine: (seconds) => ({
      level: 'info',
      event: 'trueconf.server-back',
      message: `TrueConf Server ${serverId} answers again after ${seconds} s`,
      fields: { serverId, seconds },
    }),
  });
}

/** What the server said about one conference counts as an answer. */
function judge(error: unknown): ServerVerdict {
  if (!(error instanceof TrueConfError)) return 'nothing';
  const { code, errorClass, message, retryAfterMs } = error;
  if (code === 'trueconf-aborted' || code === 'trueconf-closed') return 'nothing';
  if (errorClass !== 'transient' && errorClass !== 'auth' && errorClass !== 'config') return 'answered';
  return { message, isLasting: errorClass !== 'transient', isSilence: false, askedHoldMs: retryAfterMs ?? 0 };
}
