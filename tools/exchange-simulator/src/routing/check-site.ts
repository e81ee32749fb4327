import { EwsError } from '../ews-error.ts';
import type { SimulatorSettings } from '../settings.ts';
import type { BackEnd } from './back-end.ts';

/**
 * Lets a request pass that came in at the site of the mailbox server it is for.
 *
 * @param asked the site at whose address it came in
 * @param form whether the whole request is refused as a fault, or only the element at hand
 * @throws EwsError the code of the setting `crossSite`, unless requests are passed on to the other site
 */
export function checkSite(
  { site }: BackEnd,
  asked: string | undefined,
  { crossSite }: SimulatorSettings,
  form: { readonly fault: boolean },
): void {
  if (crossSite === null || site === asked) return;
  throw new EwsError(crossSite, 'The mailbox is in another Active Directory site. Use Autodiscover to find it.', form);
}
