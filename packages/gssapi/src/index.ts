export type { Gssapi, GssapiContext, GssapiCredential, GssapiStep } from './gssapi.ts';
export { loadGssapi } from './gssapi.ts';
export { GssapiError, GssapiMissingError } from './gssapi-error.ts';
