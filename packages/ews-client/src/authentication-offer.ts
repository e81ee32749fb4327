/**
 * The schemes that a 401 answer offers, in its order (RFC 9110 §11.6.1): `WWW-Authenticate` may come once for each
 * scheme or as one list, where commas also part a scheme's own parameters.
 */
export function offeredSchemes(header: string | string[] | undefined): string[] {
  const parts = [header ?? []].flat().flatMap((value) => value.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').split(','));
  const schemes = parts.map((part) => /^\s*([!#$%&'*+.^_`|~\w-]+)(?:\s+[^=\s]|\s*$)/.exec(part)?.[1] ?? '');
  return [...new Set(schemes.filter((scheme) => scheme !== ''))].slice(0, 10);
}
