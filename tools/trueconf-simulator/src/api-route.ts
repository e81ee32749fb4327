import type { Act } from './conference-store.ts';
import type { ServerState } from './server-state.ts';
import type { Caller } from './token-store.ts';

export interface ApiRequest {
  /** Path parameters, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  /** `application/json` or the form type; null without a body. */
  contentType: string | null;
  /** Null on routes that need no token. */
  caller: Caller | null;
  act: Act;
}

export interface ApiReply {
  status: number;
  body?: unknown;
}

export interface ApiRoute {
  /** Name in the journal and in faults. */
  name: string;
  method: string;
  /** Whole path; `{name}` stands for one segment, `{v3}` for v3.1 to v3.11. */
  path: string;
  /** Scope that the token needs; null = no token. */
  scope: string | null;
  handle(state: ServerState, request: ApiRequest): ApiReply;
}

export interface RouteMatch {
  route: ApiRoute;
  params: Record<string, string>;
}

/** Finds routes by method and path. */
export class RouteTable {
  readonly #routes: { route: ApiRoute; pattern: RegExp }[];

  constructor(routes: ApiRoute[]) {
    this.#routes = routes.map((route) => ({ route, pattern: compile(route.path) }));
  }

  get names(): string[] {
    return [...new Set(this.#routes.map(({ route }) => route.name))];
  }

  match(method: string, path: string): RouteMatch | null {
    for (const { route, pattern } of this.#routes) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found) return { route, params: decodeAll(found.groups ?? {}) };
    }
    return null;
  }
}

function compile(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replace('{v3}', 'v3\\.(?:[1-9]|1[01])')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`);
}

function decodeAll(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decode(value)]));
}

/** Percent-decoding that leaves malformed text as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
