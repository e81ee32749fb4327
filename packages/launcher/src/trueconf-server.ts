import type { SecretKey, TrueConfServerConfig } from 'connector-config';
import { type RequestOptions, TrueConfClient, TrueConfError } from 'trueconf-client';
import type { Logger, ServerCondition } from 'worker-kit';
import { type Purpose, RequestBudget } from './request-budget.ts';
import { LeaseEndingError, REQUEST_TIMEOUT_MS, type StepLease } from './runner/step-lease.ts';
import { trueConfCondition } from './trueconf-condition.ts';

const CONNECTIONS = 20;
/** Connections opened in advance; a burst opens the others while these are in use. */
const WARM_CONNECTIONS = 6;
/** Kept-alive connections are closed by many servers after five seconds of silence. */
const COLD_AFTER_MS = 3_000;

export interface TrueConfServerOptions {
  readonly config: TrueConfServerConfig;
  /** Certificates that it may be signed by, PEM; undefined: those that the system trusts. */
  readonly ca: string | undefined;
  readonly key: SecretKey;
  readonly requestsPerSecond: number;
  readonly log: Logger;
  /** Ends requests under way. */
  readonly aborting: AbortSignal;
  readonly onCondition?: (isAway: boolean) => void;
}

/** One TrueConf Server as this launcher talks to it: within its budget, noticing whether it answers. */
export class TrueConfServer {
  readonly serverId: string;
  /** Host, with the port if the address names one. */
  readonly host: string;
  readonly condition: ServerCondition;
  readonly budget: RequestBudget;
  readonly #client: TrueConfClient;
  readonly #aborting: AbortSignal;
  #usedAt = Number.NEGATIVE_INFINITY;

  /**
   * No request is made yet.
   * @throws SecretUnreadableError when the secret cannot be read
   */
  constructor({ config, ca, key, requestsPerSecond, log, aborting, onCondition }: TrueConfServerOptions) {
    this.serverId = config.serverId;
    this.host = new URL(config.url).host;
    this.#aborting = aborting;
    this.condition = trueConfCondition(config.serverId, log, onCondition);
    this.budget = new RequestBudget(requestsPerSecond, CONNECTIONS);
    this.#client = new TrueConfClient({
      serverId: config.serverId,
      url: config.url,
      clientId: config.clientId,
      clientSecret: config.clientSecret.reveal(key),
      timeoutMs: REQUEST_TIMEOUT_MS,
      connections: CONNECTIONS,
      ...(ca !== undefined && { ca }),
    });
  }

  /**
   * Asks the server once, when it is this request's turn.
   * @param lease of the conference that it is about; nothing is sent that could outlive it
   * @param onSend called right before it is sent
   * @throws TrueConfError, LeaseEndingError, LeaseLostError
   */
  async request<Result>(
    purpose: Purpose,
    call: (client: TrueConfClient, options: RequestOptions) => Promise<Result>,
    lease?: StepLease,
    onSend?: () => void,
  ): Promise<Result> {
    return this.budget.add(
      purpose,
      async () => {
        await lease?.ensure();
        const options = {
          signal: this.#aborting,
          beforeSend: () => {
            lease?.check();
            onSend?.();
          },
        };
        try {
          return await this.condition.observe(() => call(this.#client, options));
        } finally {
          this.#usedAt = performance.now();
        }
      },
      this.#aborting,
    );
  }

  /** Opens connections ahead of a start, unless some are open. Failures show when something is really asked. */
  async warmUp(): Promise<void> {
    if (performance.now() - this.#usedAt < COLD_AFTER_MS || this.condition.down !== null) return;
    this.#usedAt = performance.now();
    try {
      await this.#client.warmUp(WARM_CONNECTIONS, { signal: this.#aborting, timeoutMs: COLD_AFTER_MS });
    } catch (error) {
      if (!(error instanceof TrueConfError)) throw error;
      this.condition.learn(error);
    }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** Whether a failure says for sure that nothing reached the server. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof LeaseEndingError || (error instanceof TrueConfError && error.sent === 'no');
}
