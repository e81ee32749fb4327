import { EwsError } from 'ews-client';
import { type Logger, ServerCondition, type ServerPatience, type ServerVerdict } from 'worker-kit';

/** One broken socket is not a server that is down; a proxy may have answered once in the server's place. */
const PATIENCE: ServerPatience = {
  downAfter: 3,
  downAfterLasting: 2,
  firstHoldMs: 1_000,
  longestHoldMs: 30_000,
  lastingHoldMs: 60_000,
};

/**
 * Whether an Exchange server answers.
 *
 * @param server the provider's name, or the host of a site, for messages
 */
export function exchangeCondition(server: string, log: Logger): ServerCondition {
  return new ServerCondition({
    log,
    patience: PATIENCE,
    judge: (error) => judge(server, error),
    downLine: ({ isLasting }, error) => ({
      level: isLasting ? 'error' : 'warn',
      event: 'provider.down',
      message: `${server} cannot be used, its mailboxes wait and their caches stay: ${(error as EwsError).message}`,
      fields: { provider: server, error },
    }),
    backLine: (seconds) => ({
      level: 'info',
      event: 'provider.back',
      message: `${server} answers again after ${seconds} s`,
      fields: { provider: server, seconds },
    }),
  });
}

function judge(server: string, error: unknown): ServerVerdict {
  if (!(error instanceof EwsError)) return 'nothing';
  const { scope, errorClass, code, mailbox, backOffMs = 0 } = error;
  const failure = {
    message: `${server}: ${error.message}`,
    isLasting: errorClass === 'config',
    isSilence: isSilence(error),
    askedHoldMs: backOffMs,
  };
  if (scope === 'host') return failure;
  // One mailbox may be served by a machine of its own; several without an answer in between are the host.
  if (failure.isSilence) return { ...failure, countsOncePer: mailbox };
  // What Exchange says about a mailbox or an account shows that it is there.
  return code === 'ews-bad-request' ? 'nothing' : 'answered';
}

/** No word of Exchange: a status of what stands before it, or nothing at all. */
function isSilence({ code, httpStatus }: EwsError): boolean {
  return code === 'ews-timeout' || (code === 'ews-http' && (httpStatus ?? 0) >= 500);
}
