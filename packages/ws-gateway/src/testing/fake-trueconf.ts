import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeUser {
  readonly id: string;
  readonly email?: string;
  password: string;
  active?: boolean;
}

/** A TrueConf Server with users and nothing else: proves passwords, finds users. */
export class FakeTrueConf {
  readonly serverId: string;
  readonly users: FakeUser[];
  /** How many passwords it was asked about. */
  passwordsTried = 0;
  /** Answers nothing but 503 while set. */
  broken = false;
  readonly #server: Server;

  private constructor(serverId: string, users: FakeUser[]) {
    this.serverId = serverId;
    this.users = users;
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { status, json } = this.broken ? { status: 503, json: {} } : this.#answer(request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  }

  static async start(serverId: string, users: FakeUser[]): Promise<FakeTrueConf> {
    const fake = new FakeTrueConf(serverId, users);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, body: string): { status: number; json: object } {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname.endsWith('/token')) return this.#token(body);
    const id = /\/users\/(.+)$/u.exec(url.pathname)?.[1];
    if (id !== undefined) {
      const user = this.users.find((one) => one.id === decodeURIComponent(id));
      return user ? { status: 200, json: { user: this.#profile(user) } } : failure(404, 'userNotFound');
    }
    const found = this.users.filter(
      (user) =>
        user.email === (url.searchParams.get('email') ?? user.email) &&
        user.id === (url.searchParams.get('login_name') ?? user.id),
    );
    return { status: 200, json: { users: found.map((user) => this.#profile(user)), next_page_id: -1 } };
  }

  #token(body: string): { status: number; json: object } {
    const fields = body.startsWith('{') ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
    const granted = { status: 200, json: { access_token: 'opaque', expires_in: 3600, token_type: 'Bearer' } };
    if (fields.grant_type !== 'password') return granted;
    this.passwordsTried++;
    const name = String(fields.username).split('@', 1)[0];
    const user = this.users.find((one) => one.id === name && one.password === fields.password);
    return user ? granted : failure(401, 'invalidCredentials');
  }

  #profile({ id, email, active = true }: FakeUser): object {
    return {
      id,
      uid: `${id}@${this.serverId}`,
      login_name: id,
      email: email ?? '',
      display_name: id,
      is_active: active ? 1 : 0,
      status: 1,
    };
  }
}

function failure(status: number, reason: string): { status: number; json: object } {
  return { status, json: { error: { code: status, message: reason, errors: [{ reason }] } } };
}
