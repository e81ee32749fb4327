import { z } from 'zod';
import { type Answer as MeetingAnswer, recordAnswerAt } from '../delivery/respond.ts';
import { faultRuleSchema } from '../faults/fault-rule.ts';
import type { EwsParts } from '../http/ews-parts.ts';
import { PERSONALITIES, type Personality } from '../personality/personality.ts';
import { parseDay } from '../recurrence/civil-day.ts';
import { type BackEnd, backEndOf } from '../routing/back-end.ts';
import { defaultSettings, RECEIVED_ADDRESSES, type SimulatorSettings } from '../settings.ts';
import type { Account } from '../store/account.ts';
import { streamingSettingsSchema } from '../streaming/streaming-settings.ts';
import { throttlingSettingsSchema } from '../throttling/throttling-settings.ts';
import { applySeed, requireMailbox } from './apply-seed.ts';
import { changeSilently, silentChangeSchema } from './change-silently.ts';
import { ControlError } from './control-error.ts';
import { type ControlRoute, parseBody as parse } from './control-route.ts';
import { OUTAGE_ROUTES } from './outage-routes.ts';
import { type Seed, seedSchema } from './seed-schema.ts';
import { STREAM_ROUTES } from './stream-routes.ts';
import { trueOccurrences } from './truth.ts';

const clockSchema = z.strictObject({ offsetMs: z.int() });
const accountPatchSchema = z.strictObject({
  password: z.string().min(1).optional(),
  impersonates: z.union([z.enum(['none', 'all']), z.array(z.string())]).optional(),
  disabled: z.boolean().optional(),
  locked: z.boolean().optional(),
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
const serverName = z.string().regex(/^[A-Za-z0-9.-]+$/, 'a server name of letters, digits, dots and dashes');
const element = z.string().regex(/^[A-Za-z]+$/, 'the name of an element of calendar items');
/** A whole personality by its name, single habits, or both: `{"like": "grommunio", "times": "exact"}`. */
const personalitySchema = z.union([
  z.enum(['exchange', 'grommunio']),
  z
    .strictObject({
      like: z.enum(['exchange', 'grommunio']),
      expandsViews: z.boolean(),
      logsOccurrenceChanges: z.boolean(),
      duplicateElements: z.array(element),
      missingElements: z.array(element),
      reversesElements: z.boolean(),
      times: z.enum(['exact', 'fractions', 'zoneless']),
      faultsOnSecondCall: z.boolean(),
    })
    .partial(),
]);
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
  extendedProtection: z.enum(['none', 'allow', 'require']).optional(),
  ntlmV1: z.boolean().optional(),
  lockoutThreshold: z.int().min(0).optional(),
  tokenLifetimeSeconds: z.int().min(1).optional(),
  tokenAudience: z.string().nullable().optional(),
  findCountLimit: z.int().min(1).optional(),
  personality: personalitySchema.optional(),
  bodyLimit: z.int().min(1024).optional(),
  backEnds: z
    .array(z.strictObject({ name: serverName, group: serverName.default('DAG1'), site: serverName.optional() }))
    .min(1)
    .optional(),
  crossSite: z.enum(['ErrorCrossSiteRequest', 'ErrorProxyRequestNotAllowed']).nullable().optional(),
  streaming: streamingSettingsSchema.optional(),
  throttling: throttlingSettingsSchema.optional(),
  autodiscover: z
    .strictObject({
      ewsUrl: z.url().nullable().default(null),
      redirects: z.record(z.string().toLowerCase(), z.string().min(1)).default({}),
    })
    .optional(),
  receivedAddresses: z.enum(RECEIVED_ADDRESSES).optional(),
});

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
    run: ({ body }, { organization, settings }) => {
      const seed = parse(seedSchema, body);
      checkBackEnds(seed, settings);
      return applySeed(organization, seed);
    },
  },
  { method: 'POST', path: '/reset', run: (_input, parts) => reset(parts) },
  {
    method: 'GET',
    path: '/mailboxes',
    run: (_input, { organization, settings }) =>
      organization.mailboxes().map((mailbox) => ({
        address: mailbox.identity.address,
        displayName: mailbox.identity.displayName,
        aliases: mailbox.identity.aliases,
        legacyDn: mailbox.identity.legacyDn,
        backEnd: backEndOf(mailbox, settings).name,
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
    method: 'POST',
    path: '/mailboxes/:address/empty',
    run: ({ params }, { organization }) => {
      const mailbox = requireMailbox(organization, params.address!);
      const items = [...mailbox.itemsIn('calendar')];
      for (const item of items) mailbox.remove(item);
      return { removed: items.length };
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
  { method: 'GET', path: '/accounts', run: (_input, { organization }) => organization.accounts().map(accountFacts) },
  { method: 'POST', path: '/tokens/revoke', run: (_input, { authenticator }) => authenticator.tokens.revoke() },
  {
    method: 'PATCH',
    path: '/accounts/:login',
    run: ({ params, body }, { organization }) => {
      const account = organization.account(params.login!);
      if (account === undefined) throw new ControlError(404, `There is no account ${params.login}.`);
      const { password, impersonates, disabled, locked } = parse(accountPatchSchema, body);
      if (password !== undefined) account.password = password;
      if (impersonates !== undefined) account.impersonates = impersonates;
      if (disabled !== undefined) account.disabled = disabled;
      if (locked !== undefined) Object.assign(account, { locked, badPasswords: 0 });
      return accountFacts(account);
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
    path: '/silent-changes',
    run: ({ body }, { organization }) => {
      const change = parse(silentChangeSchema, body);
      changeSilently(requireMailbox(organization, change.mailbox), change);
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
  { method: 'GET', path: '/budgets', run: (_input, { budgets }) => budgets.list() },
  { method: 'DELETE', path: '/budgets', run: (_input, { budgets }) => budgets.clear() },
  { method: 'GET', path: '/settings', run: (_input, { settings }) => settings },
  {
    method: 'PATCH',
    path: '/settings',
    run: ({ body }, { settings, organization, sites }) => {
      const { prefixes, serverVersion, streaming, throttling, personality, ...plain } = parse(settingsSchema, body);
      checkSites(plain.backEnds ?? [], sites);
      if (personality !== undefined) settings.personality = personalityOf(personality, settings.personality);
      organization.logsOccurrenceChanges = settings.personality.logsOccurrenceChanges;
      Object.assign(settings, stated(plain), {
        prefixes: { ...settings.prefixes, ...prefixes },
        serverVersion: { ...settings.serverVersion, ...serverVersion },
        throttling: { ...settings.throttling, ...stated(throttling ?? {}) },
        streaming: {
          ...settings.streaming,
          ...stated(streaming ?? {}),
          prefixes: { ...settings.streaming.prefixes, ...streaming?.prefixes },
        },
      });
      return settings;
    },
  },
  ...STREAM_ROUTES,
  ...OUTAGE_ROUTES,
];

function stated(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A mailbox on a server that does not exist would silently live on the first one. */
function checkBackEnds({ mailboxes }: Seed, { backEnds }: SimulatorSettings): void {
  for (const { address, backEnd } of mailboxes) {
    if (backEnd === undefined || backEnds.some(({ name }) => name === backEnd)) continue;
    throw new ControlError(400, `${address}: there is no server ${backEnd} in the setting backEnds.`);
  }
}

/** Nobody could reach a server of a site that is not open. */
function checkSites(backEnds: readonly BackEnd[], sites: EwsParts['sites']): void {
  for (const { name, site } of backEnds) {
    if (site === undefined || sites.portOf(site) !== undefined) continue;
    throw new ControlError(400, `${name}: the site ${site} is not open: POST /sites first.`);
  }
}

function accountFacts({ name, impersonates, disabled, badPasswords, locked }: Account) {
  return { login: name, impersonates, disabled, badPasswords, locked };
}

function personalityOf(given: z.infer<typeof personalitySchema>, present: Personality): Personality {
  if (typeof given === 'string') return PERSONALITIES[given];
  const { like, ...habits } = given;
  return { ...(like === undefined ? present : PERSONALITIES[like]), ...stated(habits) };
}

function clock(organization: EwsParts['organization']) {
  return { now: new Date(organization.now()).toISOString(), offsetMs: organization.clockOffsetMs };
}

function reset(parts: EwsParts): void {
  const { organization, authenticator, faults, journal, settings, subscriptions, outages, budgets } = parts;
  authenticator.reset();
  budgets.clear();
  for (const { id } of outages.list()) outages.end(id);
  subscriptions.clear();
  organization.clear();
  organization.clockOffsetMs = 0;
  organization.logsOccurrenceChanges = true;
  faults.clear();
  journal.clear();
  Object.assign(settings, defaultSettings());
}
