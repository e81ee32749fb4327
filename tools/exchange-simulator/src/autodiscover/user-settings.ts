import { backEndOf } from '../routing/back-end.ts';
import type { SimulatorSettings } from '../settings.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';

const SCHEMAS = 'Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1, Exchange2015, Exchange2016'; // biome-ignore format: a list

/** What Autodiscover can tell of a user, by the name of the setting. */
const SETTINGS: Readonly<Record<string, (mailbox: Mailbox, settings: SimulatorSettings, ewsUrl: string) => string>> = {
  UserDisplayName: ({ identity }) => identity.displayName,
  UserDN: ({ identity }) => identity.legacyDn,
  MailboxDN: ({ identity }) => identity.legacyDn,
  AutoDiscoverSMTPAddress: ({ identity }) => identity.address,
  InternalMailboxServer: (mailbox, settings) => backEndOf(mailbox, settings).name,
  GroupingInformation: (mailbox, settings) => backEndOf(mailbox, settings).group,
  ExternalEwsUrl: (_mailbox, _settings, ewsUrl) => ewsUrl,
  InternalEwsUrl: (_mailbox, _settings, ewsUrl) => ewsUrl,
  ExternalEwsVersion: (_mailbox, settings) => versionText(settings),
  CasVersion: (_mailbox, settings) => versionText(settings),
  EwsSupportedSchemas: () => SCHEMAS,
};

function versionText({ serverVersion: { major, minor, build, revision } }: SimulatorSettings): string {
  return [major, minor, build, revision].map((part) => String(part).padStart(2, '0')).join('.');
}

/** The answer about one user. */
export interface UserAnswer {
  readonly code: 'NoError' | 'InvalidUser' | 'RedirectAddress' | 'RedirectUrl';
  readonly message: string;
  readonly redirectTarget?: string;
  /** Values by name, in the order in which they were asked for. */
  readonly values: ReadonlyMap<string, string>;
  /** Settings that this server does not have. */
  readonly missing: readonly string[];
}

/** What is known of the user with this address, or where else to ask. */
export function userSettings(
  organization: Organization,
  settings: SimulatorSettings,
  address: string,
  wanted: readonly string[],
  ewsUrlAt: (site: string | undefined) => string,
): UserAnswer {
  const nothing = { values: new Map<string, string>(), missing: [] };
  const redirect = settings.autodiscover.redirects[address.toLowerCase()];
  if (redirect !== undefined) {
    const code = /^https?:/i.test(redirect) ? 'RedirectUrl' : 'RedirectAddress';
    return { ...nothing, code, message: 'Redirection.', redirectTarget: redirect };
  }
  const mailbox = organization.mailboxByAnyAddress(address);
  if (mailbox === undefined) return { ...nothing, code: 'InvalidUser', message: `Invalid user: '${address}'` };
  const url = settings.autodiscover.ewsUrl ?? ewsUrlAt(backEndOf(mailbox, settings).site);
  const values = new Map<string, string>();
  for (const name of wanted) {
    const read = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (read !== undefined) values.set(name, read(mailbox, settings, url));
  }
  return { code: 'NoError', message: 'No error.', values, missing: wanted.filter((name) => !values.has(name)) };
}
