import { z } from 'zod';
import { type Answer as MeetingAnswer, recordAnswerAt } from '../delivery/respond.ts';
import { faultRuleSchema } from '../faults/fault-rule.ts';
import type { EwsParts } from '../http/ews-handler.ts';
import { parseDay } from '../recurrence/civil-day.ts';
import { defaultSettings, RECEIVED_ADDRESSES } from '../settings.ts';
import { applySeed, requireMailbox } from './apply-seed.ts';
import { ControlError } from './control-error.ts';
import { seedSchema } from './seed-schema.ts';
import { trueOccurrences } from './truth.ts';

/** One route: method, path with `:name` segments, and what it does. The result becomes the JSON body. */
export interface ControlRoute {
  readonly method: string;
  readonly path: string;
  readonly run: (input: ControlInput, parts: EwsParts) => unknown;
}

export interface ControlInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

const clockSchema = z.strictObject({ offsetMs: z.int() });
const accountPatchSchema = z.strictObject({
  password: z.string().min(1).optional(),
  impersonates: z.union([z.enum(['none', 'all']), z.array(z.string())]).optional(),
  disabled: z.boolean().optional(),
});
const responseSchema = z.strictObject({
  organizer: z.string(),
  uid: z.string(),
  attendee: z.string(),
  response: z.enum(['Accept', 'Tentative', 'Decline']),
  /** Original local date of one occurrence. */
  originalDate: z.iso.date().optional(),
});
const prefix = z.string().regex(/^([A-Za-z][A-Za-z0-9]*)?$/, 'an XML prefix or the empty string');
const settingsSchema = z.strictObject({
  authOffers: z
    .array(z.string().regex(/^[ -~]+$/, 'a header value of printable ASCII'))
    .min(1)
    .optional(),
  prefixes: z.strictObject({ s: prefix, m: prefix, t: prefix, e: prefix }).partial().optional(),
  serverVersion: z
    .strictObject({ major: z.int(), minor: z.int(), build: z.int(), revision: z.int(), version: z.string() })
    .partial()
    .optional(),
  findCountLimit: z.int().min(1).optional(),
  bodyLimit: z.int().min(1024).optional(),
  receivedAddresses: z.enum(RECEIVED_ADDRESSES).optional(),
});

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ControlError(400, z.prettifyError(result.error));
}

function instant(query: URLSearchParams, name: string): number {
  const value = Date.parse(query.get(name) ?? '');
  if (Number.isNaN(value)) throw new ControlError(400, `The query parameter ${name} must be an ISO 8601 time.`);
  return value;
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw new ControlError(400, `The query parameter ${name} is missing.`);
  return value;
}

/** The control API, documented in the README. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  { method: 'GET', path: '/health', run: () => ({ ok: true }) },
  {
    method: 'POST',
    path: '/seed',
    run: ({ body }, { organization }) => applySeed(organization, parse(seedSchema, body)),
  },
  { method: 'POST', path: '/reset', run: (_input, parts) => reset(parts) },
  {
    method: 'GET',
    path: '/mailboxes',
    run: (_input, { organization }) =>
      organization.mailboxes().map((mailbox) => ({
        address: mailbox.identity.address,
        displayName: mailbox.identity.displayName,
        aliases: mailbox.identity.aliases,
        legacyDn: mailbox.identity.legacyDn,
        changes: mailbox.log.head,
        folders: mailbox.folders().map(({ name }) => ({ name, items: [...mailbox.itemsIn(name)].length })),
      })),
  },
  {
    method: 'DELETE',
    path: '/mailboxes/:address',
    run: ({ params }, { organization }) => {
      if (!organization.removeMailbox(params.address!))
        throw new ControlError(404, `There is no mailbox ${params.address}.`);
    },
  },
  {
    method: 'GET',
    path: '/truth',
    run: ({ query }, { organization }) => {
      const mailbox = requireMailbox(organization, required(query, 'mailbox'));
      return trueOccurrences(mailbox, query.get('folder') ?? 'calendar', instant(query, 'from'), instant(query, 'to'));
    },
  },
  { method: 'GET', path: '/lists', run: (_input, { organization }) => organization.lists() },
  {
    method: 'DELETE',
    path: '/lists/:address',
    run: ({ params }, { organization }) => {
      if (!organization.removeList(params.address!)) throw new ControlError(404, `There is no list ${params.address}.`);
    },
  },
  { method: 'GET', path: '/faults', run: (_input, { faults }) => faults.list() },
  { method: 'POST', path: '/faults', run: ({ body }, { faults }) => faults.add(parse(faultRuleSchema, body)) },
  { method: 'DELETE', path: '/faults', run: (_input, { faults }) => faults.clear() },
  {
    method: 'DELETE',
    path: '/faults/:id',
    run: ({ params }, { faults }) => {
      if (!faults.remove(params.id!)) throw new ControlError(404, `There is no fault ${params.id}.`);
    },
  },
  {
    method: 'GET',
    path: '/journal',
    run: ({ query }, { journal }) => journal.after(Number(query.get('after') ?? 0) || 0),
  },
  { method: 'DELETE', path: '/journal', run: (_input, { journal }) => journal.clear() },
  { method: 'GET', path: '/clock', run: (_input, { organization }) => clock(organization) },
  {
    method: 'PUT',
    path: '/clock',
    run: ({ body }, { organization }) => {
      organization.clockOffsetMs = parse(clockSchema, body).offsetMs;
      return clock(organization);
    },
  },
  {
    method: 'PATCH',
    path: '/accounts/:login',
    run: ({ params, body }, { organization }) => {
      const account = organization.account(params.login!);
      if (account === undefined) throw new ControlError(404, `There is no account ${params.login}.`);
      const { password, impersonates, disabled } = parse(accountPatchSchema, body);
      if (password !== undefined) account.password = password;
      if (impersonates !== undefined) account.impersonates = impersonates;
      if (disabled !== undefined) account.disabled = disabled;
      return { login: account.name, impersonates: account.impersonates, disabled: account.disabled };
    },
  },
  {
    method: 'DELETE',
    path: '/accounts/:login',
    run: ({ params }, { organization }) => {
      if (!organization.removeAccount(params.login!))
        throw new ControlError(404, `There is no account ${params.login}.`);
    },
  },
  {
    method: 'POST',
    path: '/responses',
    run: ({ body }, { organization }) => {
      const { organizer, uid, attendee, response, originalDate } = parse(responseSchema, body);
      const mailbox = requireMailbox(organization, organizer);
      const day = originalDate === undefined ? undefined : parseDay(originalDate);
      const answer: MeetingAnswer = response;
      const known = recordAnswerAt(organization, mailbox, { uid, day, attendee, answer, at: organization.now() });
      if (!known) throw new ControlError(404, `${organizer} organizes no meeting ${uid} with ${attendee}.`);
    },
  },
  {
    method: 'POST',
    path: '/sync-states/lose',
    run: ({ query }, { organization }) => {
      const address = query.get('mailbox');
      const mailboxes = address === null ? organization.mailboxes() : [requireMailbox(organization, address)];
      for (const mailbox of mailboxes) mailbox.loseSyncStates();
    },
  },
  { method: 'GET', path: '/settings', run: (_input, { settings }) => settings },
  {
    method: 'PATCH',
    path: '/settings',
    run: ({ body }, { settings }) => {
      const { prefixes, serverVersion, ...plain } = parse(settingsSchema, body);
      const stated = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
      Object.assign(settings, stated, {
        prefixes: { ...settings.prefixes, ...prefixes },
        serverVersion: { ...settings.serverVersion, ...serverVersion },
      });
      return settings;
    },
  },
];

function clock(organization: EwsParts['organization']) {
  return { now: new Date(organization.now()).toISOString(), offsetMs: organization.clockOffsetMs };
}

function reset({ organization, faults, journal, settings }: EwsParts): void {
  organization.clear();
  organization.clockOffsetMs = 0;
  faults.clear();
  journal.clear();
  Object.assign(settings, defaultSettings());
}
