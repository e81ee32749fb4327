import type { IncomingMessage, ServerResponse } from 'node:http';
import { FRONT_END } from '../routing/front-end.ts';
import type { EwsParts } from './ews-parts.ts';
import { readBody } from './read-body.ts';

export const TOKEN_PATH = '/oauth2/token';

/** Answers one HTTP request at the token endpoint and writes it into the journal, as the operation `OAuthToken`. */
export async function handleToken(request: IncomingMessage, response: ServerResponse, parts: EwsParts): Promise<void> {
  const at = Date.now();
  const started = performance.now();
  const body = await readBody(request, parts.settings.bodyLimit);
  const { answer, account } = parts.authenticator.tokens.answer(body.toString('utf8'), request.headers.authorization);
  parts.journal.add({
    at,
    operation: 'OAuthToken',
    mailbox: undefined,
    account: account?.name,
    authForm: 'client-secret',
    login: answer.status === 200 ? 'accepted' : 'refused',
    userAgent: request.headers['user-agent'],
    anchorMailbox: undefined,
    site: parts.site,
    users: undefined,
    backEnd: FRONT_END,
    routedBy: 'turn',
    clientRequestId: undefined,
    version: undefined,
    status: answer.status,
    responseCodes: [],
    fault: undefined,
    budget: undefined,
    running: undefined,
    slowedMs: undefined,
    ms: Math.round((performance.now() - started) * 10) / 10,
    requestBytes: body.length,
    responseBytes: answer.body.length,
    clientPort: request.socket.remotePort,
  });
  response.writeHead(answer.status, answer.headers).end(answer.body);
}
