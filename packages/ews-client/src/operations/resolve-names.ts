import type { EwsMailboxAddress } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { readMailboxAddress } from '../read-mailbox-address.ts';
import type { XmlElement } from '../xml-element.ts';

/** Somebody whom the directory knows. */
export interface ResolvedName extends EwsMailboxAddress {
  /** The primary address and others, as `SMTP:…` and `smtp:…`. Exchange tells three at most. */
  readonly addresses: readonly string[];
}

export interface NameResolution {
  /** At most 100. */
  readonly found: readonly ResolvedName[];
  /** False: more than these match. */
  readonly complete: boolean;
}

/** What says that the directory knows nobody by an entry: an answer, not a failure. */
const nobody = new Set([
  'ErrorNameResolutionNoResults',
  'ErrorNameResolutionNoMailbox',
  'ErrorInvalidNameForNameResolution',
]);

/**
 * ResolveNames with contact data. Only the directory is searched: the impersonated person's own contacts are not allowed to
 * say who somebody is.
 */
export async function resolveNames(
  caller: EwsCaller,
  mailbox: string,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<NameResolution> {
  const [answer] = await caller.call({
    operation: 'ResolveNames',
    mailbox,
    body: {
      attributes: { ReturnFullContactData: 'true', SearchScope: 'ActiveDirectory' },
      UnresolvedEntry: entry,
    },
    signal,
  });
  if (answer === undefined) throw new Error('a checked reply holds one answer');
  if (answer.ok) return readResolutions(answer.element);
  const code = answer.error.responseCode ?? '';
  if (code === 'ErrorNameResolutionMultipleResults') return readResolutions(answer.element);
  if (nobody.has(code)) return { found: [], complete: true };
  throw answer.error;
}

function readResolutions(answer: XmlElement): NameResolution {
  const set = answer.child('m:ResolutionSet');
  const found = (set?.children ?? []).flatMap((resolution): ResolvedName[] => {
    const named = resolution.child('t:Mailbox');
    if (named === undefined) return [];
    const entries = resolution.descend('t:Contact', 't:EmailAddresses')?.children ?? [];
    return [{ ...readMailboxAddress(named), addresses: entries.map(({ text }) => text.trim()) }];
  });
  return { found, complete: set?.attribute('IncludesLastItemInRange') !== 'false' };
}
