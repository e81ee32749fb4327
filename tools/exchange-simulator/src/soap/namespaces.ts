/** The four namespaces of the EWS wire format, by the letters that the documentation uses for them. */
export const NAMESPACES = {
  s: 'http://schemas.xmlsoap.org/soap/envelope/',
  m: 'http://schemas.microsoft.com/exchange/services/2006/messages',
  t: 'http://schemas.microsoft.com/exchange/services/2006/types',
  e: 'http://schemas.microsoft.com/exchange/services/2006/errors',
} as const;

export type NamespaceLetter = keyof typeof NAMESPACES;

/** Prefix to write for each namespace; the empty string means a default namespace declaration. */
export type PrefixMap = Readonly<Record<NamespaceLetter, string>>;

/** A namespace of an element to write; the empty one is for the unqualified children of a SOAP fault. */
export type WritableNamespace = NamespaceLetter | '';

export const USUAL_PREFIXES: PrefixMap = { s: 's', m: 'm', t: 't', e: 'e' };
