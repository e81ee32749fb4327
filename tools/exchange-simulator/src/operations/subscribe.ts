import { EwsError, violationAt } from '../ews-error.ts';
import { backEndOf } from '../routing/back-end.ts';
import { booleanText, checkSequence, enumText, requiredChild, requiredList } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, type XmlNode } from '../soap/xml-node.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { EVENT_TYPES } from '../streaming/subscription.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { checkAccess, resolveFolder } from './resolve-folder.ts';

const TOO_OLD = new Set(['Exchange2007', 'Exchange2007_SP1', 'Exchange2009', 'Exchange2010']);

/** Subscribe, for streaming notifications only (docs/reference/exchange.md §6.1). */
export function subscribe(request: XmlElement, context: RequestContext): XmlNode[] {
  const wanted = request.children[0];
  if (wanted === undefined || request.children.length !== 1) {
    throw violationAt(request, "The element 'Subscribe' must hold exactly one subscription request.");
  }
  if (wanted.name === 'PullSubscriptionRequest' || wanted.name === 'PushSubscriptionRequest') {
    throw new EwsError('ErrorInvalidRequest', `The simulator has no notifications by '${wanted.name}'.`, {
      fault: true,
    });
  }
  if (wanted.name !== 'StreamingSubscriptionRequest' || TOO_OLD.has(context.version)) {
    throw violationAt(wanted, `The element 'Subscribe' has invalid child element '${wanted.name}'.`);
  }
  checkSequence(wanted, ['FolderIds', 'EventTypes']);
  const eventTypes = new Set(
    requiredList(wanted, 'EventTypes').map((element) => {
      checkSequence(requiredChild(wanted, 'EventTypes'), ['EventType']);
      return enumText(element, EVENT_TYPES);
    }),
  );
  const all = booleanText(wanted, wanted.attributes.SubscribeToAllFolders ?? 'false');
  return answerEach('Subscribe', [wanted], () => {
    const { mailbox, folders } = watchedFolders(wanted, all, context);
    checkGroup(mailbox, context);
    context.outages.checkBackEnd(context.route.backEnd.name);
    const { id } = context.subscriptions.subscribe({
      backEnd: context.route.backEnd.name,
      account: context.account.name,
      mailbox,
      folders,
      eventTypes,
    });
    return [m('SubscriptionId', id)];
  });
}

function watchedFolders(
  wanted: XmlElement,
  all: boolean,
  context: RequestContext,
): { mailbox: Mailbox; folders: Set<string> | undefined } {
  const listed = child(wanted, 'FolderIds');
  if (all === (listed !== undefined)) {
    throw new EwsError('ErrorInvalidSubscriptionRequest', 'State either FolderIds or SubscribeToAllFolders.');
  }
  if (listed === undefined) {
    if (context.mailbox === undefined)
      throw new EwsError('ErrorMissingEmailAddress', 'The account has no mailbox to subscribe to.');
    checkAccess(context.mailbox, context);
    return { mailbox: context.mailbox, folders: undefined };
  }
  const resolved = requiredList(wanted, 'FolderIds').map((element) => resolveFolder(element, context));
  const mailbox = resolved[0]!.mailbox;
  if (resolved.some((folder) => folder.mailbox !== mailbox)) {
    throw new EwsError('ErrorInvalidSubscriptionRequest', 'All folders of a subscription must be in one mailbox.');
  }
  if (mailbox !== context.mailbox) {
    throw new EwsError(
      'ErrorSubscriptionDelegateAccessNotSupported',
      'Only the owner of the mailbox can subscribe to its notifications.',
    );
  }
  return { mailbox, folders: new Set(resolved.map(({ folder }) => folder.name)) };
}

/** A server takes subscriptions for the mailboxes of its own group of servers only. */
function checkGroup(mailbox: Mailbox, { route, settings }: RequestContext): void {
  if (backEndOf(mailbox, settings).group === route.backEnd.group) return;
  throw new EwsError(
    'ErrorProxyRequestNotAllowed',
    'Request failed because EWS could not contact the appropriate CAS server for this request.',
    { fault: true },
  );
}
