import type { DatabaseOptions } from 'calendar-db/database';
import { TOKEN_PATH, type TokenReply, WEBSOCKET_PATH } from 'gateway-protocol';
import { type OAuthApp, type SimulatedUser, startTrueConfSimulator, type TrueConfSimulator } from 'trueconf-simulator';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { wsGateway } from '../ws-gateway.ts';
import { TestClient } from './test-client.ts';

export interface TestGatewayOptions {
  readonly users?: SimulatedUser[];
  /** Replaces parts of the `gateway` section. */
  readonly gateway?: Record<string, unknown>;
  /** Further top-level sections. */
  readonly sections?: Record<string, unknown>;
}

const SERVER_ID = 'conf.example';

/** The application by which the gateway looks up users. */
const GATEWAY_APP: OAuthApp = { clientId: 'calendar', clientSecret: 'secret', scopes: ['users:read'] };

/** Everybody of the tests: password `demo`, address `<id>@corp.example`. */
export const demoUsers = (): SimulatedUser[] =>
  ['anna', 'boris', 'chloe', 'dmitri'].map((id) => ({ id, email: `${id}@corp.example`, password: 'demo' }));

/** A gateway on a database, with a TrueConf Server to sign in through and its safety polls off: NOTIFY has to do. */
export class TestGateway {
  readonly trueconf: TrueConfSimulator;
  readonly config: TestConfig;
  readonly #options: TestGatewayOptions;
  #worker!: TestWorker;
  #port = 0;
  readonly #clients: TestClient[] = [];
  readonly #tokens = new Map<string, string>();

  private constructor(trueconf: TrueConfSimulator, config: TestConfig, options: TestGatewayOptions) {
    this.trueconf = trueconf;
    this.config = config;
    this.#options = options;
  }

  static async start(database: DatabaseOptions, options: TestGatewayOptions = {}): Promise<TestGateway> {
    const users = options.users ?? demoUsers();
    const trueconf = await startTrueConfSimulator({ serverId: SERVER_ID, oauthApps: [GATEWAY_APP], users });
    const config = await writeTestConfig(database);
    const gateway = new TestGateway(trueconf, config, options);
    gateway.configure();
    await gateway.begin();
    return gateway;
  }

  /** Writes the config anew. */
  configure(changes: TestGatewayOptions = {}): void {
    const { gateway, sections } = { ...this.#options, ...changes };
    this.config.write({
      productWhitelist: { tcs: [`${SERVER_ID}#vcs`] },
      trueconfServers: [
        {
          serverId: SERVER_ID,
          url: this.trueconf.url,
          clientId: GATEWAY_APP.clientId,
          clientSecret: this.config.encrypt(GATEWAY_APP.clientSecret),
          addressDomains: ['corp.example'],
        },
      ],
      gateway: { host: '127.0.0.1', safetyPollMs: 0, ...gateway },
      ...sections,
    });
  }

  async begin(): Promise<void> {
    this.#worker = startTestWorker(wsGateway(), this.config);
    const started = this.#worker.log.waitFor('gateway.listening');
    this.#port = Number((await Promise.race([started, this.#worker.ended.then(() => started)])).port);
  }

  get worker(): TestWorker {
    return this.#worker;
  }

  get base(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}${WEBSOCKET_PATH}`;
  }

  postToken(body: object | string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.base + TOKEN_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async token(username: string, password = 'demo'): Promise<TokenReply> {
    const reply = await this.postToken({ client_id: 'calendar', grant_type: 'password', username, password });
    if (reply.status !== 201) throw new Error(`${username} got no token: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as TokenReply;
  }

  connect(protocols?: string[]): TestClient {
    const client = new TestClient(this.url, protocols);
    this.#clients.push(client);
    return client;
  }

  /** A signed-in client; one token per user does for all of them. */
  async client(username: string): Promise<TestClient> {
    const token = this.#tokens.get(username) ?? (await this.token(username)).access_token;
    this.#tokens.set(username, token);
    const client = this.connect();
    await client.request('auth', { token, tokenType: 'JWT' });
    return client;
  }

  /** How many passwords its TrueConf Server was asked about. */
  get passwordsTried(): number {
    const tokens = this.trueconf.control.requests({ route: 'token' });
    return tokens.filter(({ body }) => (body as { grant_type?: unknown }).grant_type === 'password').length;
  }

  /** Ends the worker, as a restart would; `begin` starts it again. */
  async end(): Promise<void> {
    await this.#worker.stop();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.close();
    await this.end();
    await this.trueconf.close();
    this.config.remove();
    const violations = this.#clients.flatMap((client) => client.violations);
    if (violations.length > 0) throw new Error(`the gateway broke its protocol: ${violations.join('; ')}`);
  }
}
