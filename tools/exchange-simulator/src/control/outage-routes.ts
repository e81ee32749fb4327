import { z } from 'zod';
import type { EwsParts } from '../http/ews-parts.ts';
import type { OutageAnswer } from '../outages/outages.ts';
import { backEndOf } from '../routing/back-end.ts';
import { requireMailbox } from './apply-seed.ts';
import { ControlError } from './control-error.ts';
import { type ControlRoute, parseBody } from './control-route.ts';

const duration = z.int().min(0).max(3_600_000);
const code = z.string().regex(/^Error[A-Za-z]+$/, 'an EWS response code');
const form = z.enum(['soapFault', 'responseMessage']);

const restartSchema = z.strictObject({ downMs: duration.default(0) }).default({ downMs: 0 });
const siteSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9.-]+$/, 'a name of letters, digits, dots and dashes'),
});
const outageSchema = z
  .strictObject({
    backEnd: z.string().optional(),
    mailbox: z.string().optional(),
    forMs: duration.optional(),
    status: z.int().min(400).max(599).optional(),
    retryAfterSeconds: z.int().min(0).optional(),
    code: code.optional(),
    form: form.optional(),
    cutStreams: z.boolean().default(true),
  })
  .default({ cutStreams: true });
const moveSchema = z.strictObject({
  backEnd: z.string().optional(),
  forMs: duration.default(0),
  form: form.default('responseMessage'),
  syncStates: z.enum(['keep', 'refuse']).default('keep'),
  ids: z.enum(['keep', 'renew']).default('keep'),
});
const lossSchema = z
  .strictObject({
    code: code.default('ErrorMailboxStoreUnavailable'),
    form: form.default('responseMessage'),
    forMs: duration.optional(),
  })
  .default({ code: 'ErrorMailboxStoreUnavailable', form: 'responseMessage' });

/** Sites, restarts, outages, mailbox moves and the loss of mailbox servers. */
export const OUTAGE_ROUTES: readonly ControlRoute[] = [
  {
    method: 'POST',
    path: '/restart',
    run: ({ body }, { subscriptions, budgets, sites }) => {
      const { downMs } = parseBody(restartSchema, body);
      subscriptions.lose({});
      budgets.clear();
      sites.restart(downMs);
    },
  },
  {
    method: 'POST',
    path: '/sites',
    run: async ({ body }, { sites }) => {
      const { name } = parseBody(siteSchema, body);
      return { name, ...(await sites.open(name)) };
    },
  },
  { method: 'GET', path: '/outages', run: (_input, { outages }) => outages.list() },
  { method: 'POST', path: '/outages', run: ({ body }, parts) => beginOutage(body, parts) },
  {
    method: 'DELETE',
    path: '/outages',
    run: (_input, { outages }) => {
      for (const { id } of outages.list()) outages.end(id);
    },
  },
  {
    method: 'DELETE',
    path: '/outages/:id',
    run: ({ params }, { outages }) => {
      if (!outages.end(params.id!)) throw new ControlError(404, `There is no outage ${params.id}.`);
    },
  },
  {
    method: 'POST',
    path: '/mailboxes/:address/move',
    run: ({ params, body }, parts) => beginMove(params.address!, body, parts),
  },
  {
    method: 'POST',
    path: '/back-ends/:name/lose',
    run: ({ params, body }, parts) => loseBackEnd(requireBackEnd(params.name!, parts), body, parts),
  },
  {
    method: 'POST',
    path: '/back-ends/:name/regain',
    run: ({ params }, parts) => {
      const name = requireBackEnd(params.name!, parts);
      const lost = parts.outages.list().filter(({ backEnd, answer }) => backEnd === name && answer.form !== 'http');
      for (const { id } of lost) parts.outages.end(id);
      return { ended: lost.length };
    },
  },
];

function requireBackEnd(wanted: string, { settings }: EwsParts): string {
  if (settings.backEnds.some(({ name }) => name === wanted)) return wanted;
  throw new ControlError(404, `There is no server ${wanted} in the setting backEnds.`);
}

function beginOutage(body: unknown, parts: EwsParts): object {
  const { organization, streams, outages } = parts;
  const stated = parseBody(outageSchema, body);
  const { forMs, status, retryAfterSeconds, cutStreams } = stated;
  if (stated.code !== undefined && (status !== undefined || retryAfterSeconds !== undefined))
    throw new ControlError(400, 'State either an HTTP status or an EWS code.');
  const backEnd = stated.backEnd === undefined ? undefined : requireBackEnd(stated.backEnd, parts);
  const mailbox =
    stated.mailbox === undefined ? undefined : requireMailbox(organization, stated.mailbox).identity.address;
  const answer: OutageAnswer =
    stated.code === undefined
      ? { form: 'http', status: status ?? 503, retryAfterSeconds }
      : { form: stated.form ?? 'responseMessage', code: stated.code };
  if (cutStreams) for (const stream of streams.select({ backEnd, mailbox })) stream.cut();
  return outages.begin({ backEnd, mailbox, answer, forMs });
}

function beginMove(address: string, body: unknown, parts: EwsParts): void {
  const { organization, subscriptions, outages, settings } = parts;
  const { backEnd, forMs, form: moveForm, syncStates, ids } = parseBody(moveSchema, body ?? {});
  const mailbox = requireMailbox(organization, address);
  const target = backEnd === undefined ? backEndOf(mailbox, settings).name : requireBackEnd(backEnd, parts);
  subscriptions.lose({ mailbox: mailbox.identity.address }, 'ErrorReadEventsFailed');
  const arrive = () => {
    mailbox.backEnd = target;
    if (syncStates === 'refuse') mailbox.loseSyncStates();
    if (ids === 'renew') mailbox.renewIds();
  };
  if (forMs === 0) arrive();
  else {
    const answer: OutageAnswer = { form: moveForm, code: 'ErrorMailboxMoveInProgress' };
    outages.begin({ mailbox: mailbox.identity.address, answer, forMs, onEnd: arrive });
  }
}

/** A mailbox server fails: its mailboxes cannot be reached, its subscriptions are gone, elsewhere their events end. */
function loseBackEnd(
  name: string,
  body: unknown,
  { organization, settings, subscriptions, outages }: EwsParts,
): object {
  const { code: lostCode, form: lostForm, forMs } = parseBody(lossSchema, body);
  subscriptions.lose({ backEnd: name });
  for (const mailbox of organization.mailboxes()) {
    if (backEndOf(mailbox, settings).name === name)
      subscriptions.lose({ mailbox: mailbox.identity.address }, 'ErrorReadEventsFailed');
  }
  return outages.begin({ backEnd: name, answer: { form: lostForm, code: lostCode }, forMs });
}
