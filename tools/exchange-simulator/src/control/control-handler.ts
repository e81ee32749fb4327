import type { IncomingMessage, ServerResponse } from 'node:http';
import { EwsError } from '../ews-error.ts';
import type { EwsParts } from '../http/ews-parts.ts';
import { BodyTooLargeError, readBody } from '../http/read-body.ts';
import { ControlError } from './control-error.ts';
import type { ControlRoute } from './control-route.ts';
import { CONTROL_ROUTES } from './control-routes.ts';

const BODY_LIMIT = 64 * 1024 * 1024;
const PREFIX = '/control';

/** Answers one request of the control API with JSON. Never rejects. */
export async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  parts: EwsParts,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://control');
    const found = findRoute(request.method ?? 'GET', url.pathname);
    const text = (await readBody(request, BODY_LIMIT)).toString('utf8');
    const body = text === '' ? undefined : parseJson(text);
    const result = await found.route.run({ params: found.params, query: url.searchParams, body }, parts);
    reply(response, 200, result ?? { ok: true });
  } catch (error) {
    const { status, message } = describe(error);
    reply(response, status, { error: message });
  }
}

function findRoute(method: string, path: string): { route: ControlRoute; params: Record<string, string> } {
  const segments = path.replace(PREFIX, '').split('/').slice(1);
  for (const route of CONTROL_ROUTES) {
    const params = route.method === method ? match(route.path.split('/').slice(1), segments) : undefined;
    if (params !== undefined) return { route, params };
  }
  throw new ControlError(404, `The control API has no ${method} ${path}.`);
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = decodeURIComponent(segments[index]!);
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ControlError(400, `The body is not JSON: ${(error as Error).message}`);
  }
}

function describe(error: unknown): { status: number; message: string } {
  if (error instanceof ControlError) return { status: error.status, message: error.message };
  if (error instanceof EwsError) return { status: 400, message: `${error.code}: ${error.message}` };
  if (error instanceof BodyTooLargeError) return { status: 413, message: error.message };
  if (error instanceof URIError || error instanceof RangeError) return { status: 400, message: error.message };
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
