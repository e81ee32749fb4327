import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Body = Record<string, unknown>;

/** One conference of the small server, with everything that happened to it. */
export interface TinyConference {
  readonly id: string;
  fields: Body;
  invitations: string[];
  state: 'running' | 'stopped';
  /** Times it went from stopped to running. */
  starts: number;
  /** TrueConf IDs rung, in order. */
  rings: string[];
}

export interface JournalEntry {
  /** Such as `run`. */
  readonly operation: string;
  readonly cid: string | null;
  /** Unix ms. */
  readonly atMs: number;
}

/** What is to go wrong with a request: before or after it has had its effect. */
export type Fault = (
  operation: string,
  cid: string | null,
) => 'none' | 'error-before' | 'error-after' | 'drop-before' | 'drop-after' | 'hang-before' | 'hang-after' | 'refuse';

/**
 * As much of TrueConf Server's API as the launcher uses, for its tests: state in memory, a journal of what arrived, and
 * faults on request.
 */
export class TinyTrueConf {
  readonly conferences = new Map<string, TinyConference>();
  readonly deleted: TinyConference[] = [];
  readonly journal: JournalEntry[] = [];
  /** Address → TrueConf ID. */
  readonly users = new Map<string, string>();
  fault: Fault = () => 'none';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Forgets everything but the users. */
  reset(): void {
    this.conferences.clear();
    this.deleted.length = 0;
    this.journal.length = 0;
    this.fault = () => 'none';
  }

  count(operation: string): number {
    return this.journal.filter((entry) => entry.operation === operation).length;
  }

  /** Every conference there is or was. */
  all(): TinyConference[] {
    return [...this.conferences.values(), ...this.deleted];
  }

  add(id: string, fields: Body): TinyConference {
    const conference: TinyConference = { id, fields, invitations: [], state: 'stopped', starts: 0, rings: [] };
    this.conferences.set(id, conference);
    return conference;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://tiny');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const body = text.startsWith('{') ? (JSON.parse(text) as Body) : {};
    const { operation, cid, act } = this.#route(request.method ?? 'GET', url, body);
    if (operation !== 'token' && operation !== 'server') this.journal.push({ operation, cid, atMs: Date.now() });
    const fault = this.fault(operation, cid);
    if (fault === 'hang-before') return;
    if (fault === 'drop-before') return void request.socket.destroy();
    if (fault === 'error-before') return send(response, 503, '<html>busy</html>');
    if (fault === 'refuse') return send(response, 400, problem(400, 'notAllowed'));
    const [status, reply] = act();
    if (fault === 'hang-after') return;
    if (fault === 'drop-after') return void request.socket.destroy();
    if (fault === 'error-after') return send(response, 502, '<html>gateway</html>');
    send(response, status, reply);
  }

  #route(
    method: string,
    url: URL,
    body: Body,
  ): { operation: string; cid: string | null; act: () => [number, unknown] } {
    const parts = url.pathname.split('/').filter((part) => part !== '');
    if (url.pathname.includes('/oauth2/')) {
      const token = { access_token: 'tiny', token_type: 'Bearer', expires_in: 3600 };
      return { operation: 'token', cid: null, act: () => [200, token] };
    }
    if (parts[2] === 'server') {
      const product = { display_name: 'tiny', version: '5.5.6' };
      return { operation: 'server', cid: null, act: () => [200, { product }] };
    }
    if (parts[2] === 'users') return { operation: 'users', cid: null, act: () => this.#findUsers(url) };
    const cid = parts[3] ?? (typeof body.id === 'string' ? body.id : null);
    if (parts[3] === undefined) return { operation: 'create', cid, act: () => this.#create(body) };
    const verb = parts[4] ?? { GET: 'get', PATCH: 'update', DELETE: 'delete' }[method] ?? 'unknown';
    const operation = verb === 'invitations' ? (method === 'POST' ? 'addInvitation' : 'removeInvitation') : verb;
    const act = (): [number, unknown] => {
      const conference = this.conferences.get(parts[3] ?? '');
      if (conference === undefined) return [404, problem(404, 'conferenceNotFound')];
      return this.#act(operation, conference, body, parts[5]);
    };
    return { operation, cid, act };
  }

  #create(body: Body): [number, unknown] {
    const id = String(body.id);
    if (this.conferences.has(id)) return [400, problem(400, 'uniqueValueAlreadyInUse')];
    const conference = this.add(id, body);
    conference.invitations = (body.invitations as { id: string }[]).map((one) => one.id);
    return [200, envelope(conference)];
  }

  #act(operation: string, conference: TinyConference, body: Body, person: string | undefined): [number, unknown] {
    switch (operation) {
      case 'get':
        return [200, envelope(conference)];
      case 'update':
        conference.fields = { ...conference.fields, ...body };
        return [200, envelope(conference)];
      case 'delete':
        this.conferences.delete(conference.id);
        this.deleted.push(conference);
        return [200, { id: conference.id }];
      case 'run':
        return this.#run(conference);
      case 'stop':
        if (conference.state === 'stopped') return [400, problem(400, 'conferenceNotRunning')];
        conference.state = 'stopped';
        return [200, { state: 'stopped' }];
      case 'invite':
        if (conference.state === 'stopped') return [400, problem(400, 'conferenceNotRunning')];
        conference.rings.push(...(body.participants as string[]));
        return [200, {}];
      case 'addInvitation':
        conference.invitations.push((body.invitation as { id: string }).id);
        return [200, {}];
      case 'removeInvitation':
        conference.invitations = conference.invitations.filter((id) => id !== person);
        return [200, {}];
      default:
        return [404, problem(404, 'routeNotFound')];
    }
  }

  #run(conference: TinyConference): [number, unknown] {
    if (conference.state === 'running') return [400, problem(400, 'conferenceAlreadyRunning')];
    conference.state = 'running';
    conference.starts++;
    if (conference.fields.auto_invite === 1) conference.rings.push(...conference.invitations);
    return [200, { state: 'running' }];
  }

  #findUsers(url: URL): [number, unknown] {
    const wanted = url.searchParams.get('email');
    const users = [...this.users]
      .filter(([email]) => wanted === null || email === wanted)
      .map(([email, id]) => ({ id, email, is_active: 1, status: 0 }));
    return [200, { users, next_page_id: -1 }];
  }
}

function envelope({ id, fields, invitations, state }: TinyConference): unknown {
  const list = invitations.map((person) => ({ id: person }));
  return { conference: { ...fields, id, state, invitations: list, url: `https://tiny/c/${id}` } };
}

function problem(code: number, reason: string): unknown {
  return { error: { code, message: reason, errors: [{ reason }] } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}
