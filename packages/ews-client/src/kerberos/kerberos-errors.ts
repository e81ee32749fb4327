import { EwsError } from '../ews-error.ts';

/** Kerberos failed in a way that has no class of its own. */
export class EwsKerberosError extends EwsError {
  readonly code: string = 'ews-kerberos';
}

/** The clocks of this machine, the KDC and Exchange differ by more than Kerberos allows. */
export class EwsKerberosClockError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-clock';
}

/** The KDC knows no such service: its SPN is missing, or is registered twice. */
export class EwsKerberosServiceError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-service';
}

/** Client, KDC and service have no encryption type in common. */
export class EwsKerberosEncryptionError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-encryption';
}

/** The keytab cannot be read, or holds nothing for the principal. */
export class EwsKerberosKeytabError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-keytab';
}

/** krb5.conf cannot be read, or names no realm. */
export class EwsKerberosSetupError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-setup';
}

/** No KDC of the realm answers. */
export class EwsKerberosKdcError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-kdc';
}

/** The server's own token is not what Kerberos asks for: it may not be the server that it says it is. */
export class EwsKerberosServerError extends EwsKerberosError {
  override readonly code = 'ews-kerberos-server';
}
