import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EwsError } from '../ews-error.ts';
import { applyFault } from '../faults/apply-fault.ts';
import type { ActiveFault } from '../faults/fault-plan.ts';
import { type Answer, plainAnswer, XML_HEADERS } from '../http/answer.ts';
import type { EwsParts } from '../http/ews-parts.ts';
import { accountOf, type Login } from '../http/login/login.ts';
import { readBody } from '../http/read-body.ts';
import { FRONT_END } from '../routing/front-end.ts';
import { faultAnswer } from '../soap-service.ts';
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
  const login = parts.authenticator.login(request);
  // The first leg of an NTLM login asks for nothing that could be out of order.
  const asks = login.outcome !== 'challenged';
  const outage = asks ? parts.outages.refuse(undefined) : undefined;
  const fault = asks && outage === undefined ? parts.faults.strike(OPERATION, undefined) : undefined;
  if (fault !== undefined && fault.rule.delayMs > 0) await sleep(fault.rule.delayMs, undefined, { ref: false });
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  const { hostname } = new URL(`http://${request.headers.host ?? 'localhost'}`);
  const ewsUrlAt = (site: string | undefined) => `${scheme}://${hostname}:${parts.sites.portOf(site)}${ewsPath}`;
  const answer: SettingsAnswer | undefined = outage?.answer ?? answerAutodiscover(body, login, fault, parts, ewsUrlAt);
  parts.journal.add({
    at,
    operation: OPERATION,
    mailbox: undefined,
    account: login.account?.name,
    authForm: login.form,
    login: login.outcome,
    userAgent: request.headers['user-agent'],
    anchorMailbox: request.headers['x-anchormailbox']?.toString(),
    site: parts.site,
    users: answer?.users,
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
  else {
    // One header a challenge, as EWS sends them.
    for (const [name, value] of Object.entries(answer.headers)) {
      response.setHeader(name, name === 'www-authenticate' ? value.split('\n') : value);
    }
    response.writeHead(answer.status).end(answer.body);
  }
}

interface SettingsAnswer extends Answer {
  readonly users?: number;
}

/** Undefined cuts the connection. Faults that need the result of an operation strike EWS only. */
function answerAutodiscover(
  body: Buffer,
  login: Login,
  fault: ActiveFault | undefined,
  { organization, settings }: EwsParts,
  ewsUrlAt: (site: string | undefined) => string,
): SettingsAnswer | undefined {
  const action = fault?.rule.action;
  if (action !== undefined && ['http', 'html', 'soapFault', 'cut'].includes(action.form))
    return applyFault(action, OPERATION, () => [], settings);
  if (accountOf(login) === undefined) return plainAnswer(401, login.refusal);
  try {
    const request = readSettingsRequest(body.toString('utf8'));
    const answers = request.users.map((user) => userSettings(organization, settings, user, request.settings, ewsUrlAt));
    return {
      status: 200,
      headers: XML_HEADERS,
      body: writeSettingsReply(answers, settings.serverVersion),
      responseCodes: answers.map(({ code }) => code),
      users: answers.length,
    };
  } catch (error) {
    if (error instanceof EwsError) return faultAnswer(error, settings);
    throw error;
  }
}
