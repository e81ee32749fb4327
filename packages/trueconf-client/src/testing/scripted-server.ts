import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  authorization: string | undefined;
  body: string;
}

export interface StaticReply {
  status: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** What a script answers: a status with JSON (or text), or whatever it does with the response itself. */
export type ScriptedReply = StaticReply | ((response: ServerResponse, request: IncomingMessage) => void);

export type Script = (request: SeenRequest) => ScriptedReply | Promise<ScriptedReply>;

/** A server on 127.0.0.1 that answers as told and remembers what it was asked. */
export class ScriptedServer {
  readonly seen: SeenRequest[] = [];
  readonly server: Server;

  private constructor(script: Script) {
    this.server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://scripted.invalid');
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        authorization: request.headers.authorization,
        body,
      };
      this.seen.push(seen);
      const reply = await script(seen);
      if (typeof reply === 'function') reply(response, request);
      else answer(response, reply);
    });
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    scripted.server.listen(0, '127.0.0.1');
    await once(scripted.server, 'listening');
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Paths asked for, tokens left out. */
  get calls(): string[] {
    return this.seen.filter(({ path }) => path !== '/oauth2/v1/token').map(({ method, path }) => `${method} ${path}`);
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function answer(response: ServerResponse, reply: StaticReply): void {
  response.writeHead(reply.status, { 'content-type': reply.text ? 'text/html' : 'application/json', ...reply.headers });
  response.end(reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)));
}

/** An error in the server's own shape. */
export function apiError(status: number, reason?: string): StaticReply {
  return { status, json: { error: { code: status, message: 'scripted', errors: reason ? [{ reason }] : [] } } };
}
