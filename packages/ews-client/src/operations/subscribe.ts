import { backEndCookie } from '../back-end-cookie.ts';
import type { Affinity, EwsCaller } from '../ews-caller.ts';
import { EwsReplyError } from '../ews-error.ts';

/** A subscription to what happens in one mailbox's calendar. It lives on one machine, and tells nothing of its past. */
export interface Subscription {
  readonly subscriptionId: string;
  /** What the answer set as `X-BackEndOverrideCookie`: that of the anchor goes with all requests of its group. */
  readonly cookie: string | null;
}

// Not NewMailEvent, which no calendar has, nor FreeBusyChangedEvent, which comes beside one of these.
const eventTypes = ['CreatedEvent', 'DeletedEvent', 'ModifiedEvent', 'MovedEvent', 'CopiedEvent'];

/** Subscribe with a streaming subscription to the mailbox's default calendar. */
export async function subscribe(
  caller: EwsCaller,
  mailbox: string,
  affinity: Affinity,
  signal: AbortSignal | undefined,
): Promise<Subscription> {
  const operation = 'Subscribe';
  let cookie: string | null = null;
  const answer = await caller.callForOne({
    operation,
    mailbox,
    body: {
      StreamingSubscriptionRequest: {
        FolderIds: { DistinguishedFolderId: { attributes: { Id: 'calendar' } } },
        EventTypes: { EventType: eventTypes },
      },
    },
    affinity,
    signal,
    onHeaders: (headers) => {
      cookie = backEndCookie(headers);
    },
  });
  const subscriptionId = answer.childText('m:SubscriptionId');
  if (subscriptionId) return { subscriptionId, cookie };
  throw new EwsReplyError('the reply names no subscription', caller.place(mailbox, operation), {
    errorClass: 'transient',
    scope: 'mailbox',
  });
}
