import { defaultOAuthApp, type TrueConfSimulatorOptions } from '../simulator-options.ts';
import { startTrueConfSimulator, type TrueConfSimulator } from '../start-simulator.ts';

export interface Answer {
  status: number;
  json: Record<string, unknown>;
}

/** A running simulator and plain fetch calls to it. */
export class ApiClient {
  readonly simulator: TrueConfSimulator;
  #token = '';

  private constructor(simulator: TrueConfSimulator) {
    this.simulator = simulator;
  }

  static async start(options: TrueConfSimulatorOptions = {}): Promise<ApiClient> {
    const users = [
      { id: 'anna', email: 'anna@corp.example', displayName: 'Anna K.', password: 'demo' },
      { id: 'boris', email: 'boris@corp.example', password: 'demo' },
    ];
    const client = new ApiClient(await startTrueConfSimulator({ users, ...options }));
    await client.signIn();
    return client;
  }

  async signIn(): Promise<void> {
    const reply = await this.token({
      grant_type: 'client_credentials',
      client_id: defaultOAuthApp.clientId,
      client_secret: defaultOAuthApp.clientSecret,
    });
    this.useToken(String(reply.json.access_token));
  }

  useToken(token: string): void {
    this.#token = token;
  }

  async token(fields: Record<string, string>): Promise<Answer> {
    return read(
      await fetch(`${this.simulator.url}/oauth2/v1/token`, { method: 'POST', body: new URLSearchParams(fields) }),
    );
  }

  /** `call('POST /api/v4/conferences', body)`. */
  async call(route: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    return this.#fetch(this.simulator.url, route, body, signal);
  }

  /** `control('GET /state')`. */
  async control(route: string, body?: unknown): Promise<Answer> {
    return this.#fetch(this.simulator.controlUrl, route, body);
  }

  async create(fields: Record<string, unknown> = {}): Promise<Answer> {
    return this.call('POST /api/v4/conferences', { id: 'one', topic: 'Sprint', owner: 'anna', ...fields });
  }

  async #fetch(base: string, route: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
    const [method = 'GET', path = ''] = route.split(' ');
    return read(
      await fetch(`${base}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
      }),
    );
  }
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, json: (isJson ? JSON.parse(text) : { text }) as Record<string, unknown> };
}
