import { EwsError } from './ews-error.ts';
import { type Answer, XML_HEADERS } from './http/answer.ts';
import type { EwsParts } from './http/ews-parts.ts';
import { OPERATIONS } from './operations/operation-table.ts';
import type { RequestContext } from './operations/request-context.ts';
import { imitate } from './personality/imitate.ts';
import { backEndOf } from './routing/back-end.ts';
import { checkSite } from './routing/check-site.ts';
import type { Route } from './routing/front-end.ts';
import type { SimulatorSettings } from './settings.ts';
import type { ImpersonatedIdentity, RequestEnvelope } from './soap/read-envelope.ts';
import { writeFault, writeResponse } from './soap/write-envelope.ts';
import { nodeText, type XmlNode } from './soap/xml-node.ts';
import { type Account, mayImpersonate } from './store/account.ts';
import type { Mailbox } from './store/mailbox.ts';
import type { Organization } from './store/organization.ts';
import { UTC, zoneOfDefinition } from './time/exchange-zone.ts';

/** The answer for a fault: HTTP 500, as Exchange does. */
export function faultAnswer(error: EwsError, settings: SimulatorSettings, status = 500): Answer {
  return { status, headers: XML_HEADERS, body: writeFault(error, settings.prefixes), responseCodes: [error.code] };
}

/** The answer around response messages. */
export function messagesAnswer(operation: string, messages: readonly XmlNode[], settings: SimulatorSettings): Answer {
  const prefixes = operation === 'GetStreamingEvents' ? settings.streaming.prefixes : settings.prefixes;
  const body = writeResponse(operation, imitate(messages, settings.personality), settings.serverVersion, prefixes);
  return { status: 200, headers: XML_HEADERS, body, responseCodes: messages.map(codeOf) };
}

function codeOf(message: XmlNode): string {
  return nodeText(message.children.find((child) => typeof child === 'object' && child.name === 'ResponseCode'));
}

/**
 * The mailbox behind an impersonation header.
 *
 * @throws EwsError faults `ErrorNonExistentMailbox`, `ErrorNonPrimarySmtpAddress`, `ErrorImpersonateUserDenied`.
 */
function impersonate(organization: Organization, account: Account, identity: ImpersonatedIdentity): Mailbox {
  const mailbox = organization.mailboxByAnyAddress(identity.value);
  if (mailbox === undefined || identity.kind === 'SID') {
    throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.', {
      fault: true,
    });
  }
  if (
    identity.kind === 'PrimarySmtpAddress' &&
    mailbox.identity.address.toLowerCase() !== identity.value.toLowerCase()
  ) {
    throw new EwsError(
      'ErrorNonPrimarySmtpAddress',
      'The primary SMTP address must be specified when referencing a mailbox.',
      { fault: true },
    );
  }
  if (!mayImpersonate(account, mailbox.identity.address)) {
    throw new EwsError(
      'ErrorImpersonateUserDenied',
      'The account does not have permission to impersonate the requested user.',
      { fault: true },
    );
  }
  return mailbox;
}

/** The context in which the operation of an authenticated request runs. */
export function contextOf(
  { organization, settings, subscriptions, streams, outages, site }: EwsParts,
  account: Account,
  envelope: RequestEnvelope,
  route: Route,
): RequestContext {
  const own = account.mailbox === undefined ? undefined : organization.mailboxByPrimaryAddress(account.mailbox);
  const impersonated = envelope.impersonation && impersonate(organization, account, envelope.impersonation);
  const mailbox = impersonated ?? own;
  if (mailbox !== undefined) checkSite(backEndOf(mailbox, settings), site, settings, { fault: true });
  // A cookie or an anchor may lead to a server of another site, whoever is acted for.
  if (route.by !== 'turn') checkSite(route.backEnd, site, settings, { fault: true });
  return {
    organization,
    account,
    mailbox,
    site,
    version: envelope.version,
    zone: envelope.timeZone === undefined ? UTC : zoneOfDefinition(envelope.timeZone),
    findCountLimit: settings.findCountLimit,
    settings,
    budget: impersonated?.identity.address ?? account.name,
    route,
    subscriptions,
    streams,
    outages,
    opening: {},
    receivedAddresses: settings.receivedAddresses,
  };
}

/** Runs the operation of a request. @throws EwsError for the whole request. */
export function runOperation(envelope: RequestEnvelope, context: RequestContext): XmlNode[] {
  const operation = OPERATIONS.get(envelope.operation.name);
  if (operation === undefined) {
    throw new EwsError(
      'ErrorInvalidRequest',
      `The simulator does not implement the operation '${envelope.operation.name}'.`,
      { fault: true },
    );
  }
  return operation(envelope.operation, context);
}
