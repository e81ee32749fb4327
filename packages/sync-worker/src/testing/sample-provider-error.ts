import { ProviderError, type ProviderErrorClass, type ProviderErrorFacts } from '../engine/provider-error.ts';

/** A failure of one mailbox, but for what is `given`. */
export function providerError(errorClass: ProviderErrorClass, given: Partial<ProviderErrorFacts> = {}): ProviderError {
  const facts = { code: 'sample', reach: 'mailbox', errorClass, operation: 'FindItem', ...given } as const;
  return new ProviderError(`${errorClass} ${given.detail ?? ''}`, facts);
}
