import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EwsError } from '../ews-error.ts';
import { applyFault } from '../faults/apply-fault.ts';
import type { ActiveFault } from '../faults/fault-plan.ts';
import { type Answer, plainAnswer, XML_HEADERS } from '../http/answer.ts';
import { authenticateBasic, authFormOf } from '../http/basic-auth.ts';
import type { EwsParts } from '../http/ews-handler.ts';
import { readBody } from '../http/read-body.ts';
import { FRONT_END } from '../routing/front-end.ts';
import { faultAnswer } from '../soap-service.ts';
import type { Account } from '../store/account.ts';
import { readSettingsRequest, writeSettingsReply } from './autodiscover-xml.ts';
import { userSettings } from './user-settings.ts';

const OPERATION = 'GetUserSettings';

/** Answers one request of SOAP Autodiscover and writes it into the journal. Rejects when the connection breaks. */
export async function handleAutodiscover(
  request: IncomingMessage,
  response: ServerResponse,
  parts: EwsParts,
  ewsPath: string,
): Promise<void> {
  const at = Date.now();
  const started = performance.now();
  const clientPort = request.socket.remotePort;
  const body = await readBody(request, parts.settings.bodyLimit);
  const account = authenticateBasic(parts.organization, request.headers.authorization);
  const outage = parts.outages.refuse(undefined);
  const fault = outage === undefined ? parts.faults.strike(OPERATION, undefined) : undefined;
  if (fault !== undefined && fault.rule.delayMs > 0) await sleep(fault.rule.delayMs, undefined, { ref: false });
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  const ewsUrl = `${scheme}://${request.headers.host ?? 'localhost'}${ewsPath}`;
  const answer = outage?.answer ?? answerAutodiscover(body, account, fault, parts, ewsUrl);
  parts.journal.add({
    at,
    operation: OPERATION,
    mailbox: undefined,
    account: account?.name,
    authForm: authFormOf(request.headers.authorization),
    userAgent: request.headers['user-agent'],
    anchorMailbox: request.headers['x-anchormailbox']?.toString(),
    backEnd: FRONT_END,
    routedBy: 'turn',
    clientRequestId: request.headers['client-request-id']?.toString(),
    version: undefined,
    status: answer?.status ?? 0,
    responseCodes: answer?.responseCodes ?? [],
    fault: outage?.id ?? fault?.id,
    budget: undefined,
    running: undefined,
    slowedMs: undefined,
    ms: Math.round((performance.now() - started) * 10) / 10,
    requestBytes: body.length,
    responseBytes: Buffer.byteLength(answer?.body ?? ''),
    clientPort,
  });
  if (answer === undefined) response.destroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body);
}

/** Undefined cuts the connection. Faults that need the result of an operation strike EWS only. */
function answerAutodiscover(
  body: Buffer,
  account: Account | undefined,
  fault: ActiveFault | undefined,
  { organization, settings }: EwsParts,
  ewsUrl: string,
): Answer | undefined {
  const action = fault?.rule.action;
  if (action !== undefined && ['http', 'html', 'soapFault', 'cut'].includes(action.form))
    return applyFault(action, OPERATION, () => [], settings);
  if (account === undefined) return plainAnswer(401, { 'www-authenticate': settings.authOffers[0]! });
  try {
    const request = readSettingsRequest(body.toString('utf8'));
    const answers = request.users.map((user) => userSettings(organization, settings, user, request.settings, ewsUrl));
    return {
      status: 200,
      headers: XML_HEADERS,
      body: writeSettingsReply(answers, settings.serverVersion),
      responseCodes: answers.map(({ code }) => code),
    };
  } catch (error) {
    if (error instanceof EwsError) return faultAnswer(error, settings);
    throw error;
  }
}
