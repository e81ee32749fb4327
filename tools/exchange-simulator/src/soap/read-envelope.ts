import { EwsError, schemaViolation, violationAt } from '../ews-error.ts';
import { NAMESPACES } from './namespaces.ts';
import { readXml } from './read-xml.ts';
import { child, type XmlElement } from './xml-element.ts';

/** How a request names the mailbox that it acts for. */
export interface ImpersonatedIdentity {
  readonly kind: 'PrincipalName' | 'SID' | 'PrimarySmtpAddress' | 'SmtpAddress';
  readonly value: string;
}

/** A SOAP request, taken apart. */
export interface RequestEnvelope {
  /** `RequestServerVersion`; Exchange takes a missing header for the oldest schema. */
  readonly version: string;
  readonly impersonation: ImpersonatedIdentity | undefined;
  /** The `TimeZoneDefinition` of `TimeZoneContext`. */
  readonly timeZone: XmlElement | undefined;
  /** The operation, the first element of the body. */
  readonly operation: XmlElement;
}

const NAMED_VERSIONS = new Set([
  'Exchange2007', 'Exchange2007_SP1', 'Exchange2009', 'Exchange2010', 'Exchange2010_SP1', 'Exchange2010_SP2', 'Exchange2012',
  'Exchange2013', 'Exchange2013_SP1', 'Exchange2015', 'Exchange2016', 'V2015_10_05', 'V2016_01_06', 'V2016_04_13', 'V2016_07_13',
  'V2016_10_10',
]); // biome-ignore format: a list

const IDENTITIES = ['PrincipalName', 'SID', 'PrimarySmtpAddress', 'SmtpAddress'] as const;

/**
 * Reads a SOAP 1.1 request.
 *
 * @throws EwsError as a fault: `ErrorSchemaValidation`, `ErrorInvalidServerVersion`.
 */
export function readEnvelope(text: string): RequestEnvelope {
  const envelope = readXml(text);
  if (envelope.name !== 'Envelope' || envelope.namespace !== NAMESPACES.s) {
    throw violationAt(envelope, `The root element '${envelope.name}' is not a SOAP 1.1 envelope.`);
  }
  const header = child(envelope, 'Header');
  const body = child(envelope, 'Body');
  if (body === undefined) throw violationAt(envelope, "The element 'Envelope' has no 'Body'.");
  const operation = body.children[0];
  if (operation === undefined) throw schemaViolation('The SOAP body is empty.', body.line, body.column);
  if (operation.namespace !== NAMESPACES.m) {
    throw violationAt(
      operation,
      `The element '${operation.name}' in namespace '${operation.namespace}' is not an operation.`,
    );
  }
  const context = header && child(header, 'TimeZoneContext');
  const impersonation = header && child(header, 'ExchangeImpersonation');
  return {
    version: readVersion(header),
    impersonation: impersonation && readIdentity(impersonation),
    timeZone: context && child(context, 'TimeZoneDefinition'),
    operation,
  };
}

function readVersion(header: XmlElement | undefined): string {
  const element = header && child(header, 'RequestServerVersion');
  if (element === undefined) return 'Exchange2007';
  const version = element.attributes.Version ?? '';
  if (!NAMED_VERSIONS.has(version)) {
    throw new EwsError('ErrorInvalidServerVersion', `The specified server version '${version}' is invalid.`, {
      fault: true,
    });
  }
  return version;
}

function readIdentity(element: XmlElement): ImpersonatedIdentity {
  const sid = child(element, 'ConnectingSID');
  const choice = sid?.children[0];
  const kind = IDENTITIES.find((name) => name === choice?.name);
  if (sid === undefined || choice === undefined || kind === undefined || sid.children.length !== 1) {
    throw violationAt(element, "The element 'ConnectingSID' must hold exactly one identity.");
  }
  return { kind, value: choice.text.trim() };
}

/**
 * Whether the schema of `version` is that of Exchange 2016 or later (wall-clock properties, docs/reference/exchange.md
 * §7.1).
 */
export function isSchemaOf2016(version: string): boolean {
  return version === 'Exchange2015' || version === 'Exchange2016' || version.startsWith('V201');
}
