import type { EwsError } from '../ews-error.ts';
import type { PrefixMap } from './namespaces.ts';
import { writeXml } from './write-xml.ts';
import { e, m, s, t, type XmlContent, type XmlNode } from './xml-node.ts';

/** What `ServerVersionInfo` says about the server. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
  /** May be a value that requests must not use; real servers do that. */
  readonly version: string;
}

function envelope(serverVersion: ServerVersion, body: XmlNode): XmlNode {
  const header = t('ServerVersionInfo', [], {
    MajorVersion: String(serverVersion.major),
    MinorVersion: String(serverVersion.minor),
    MajorBuildNumber: String(serverVersion.build),
    MinorBuildNumber: String(serverVersion.revision),
    Version: serverVersion.version,
  });
  return s('Envelope', [s('Header', header), s('Body', body)]);
}

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

/** Their response is its own single message, without a list of messages around it. */
const SINGLE_ANSWERS = new Set(['GetRoomLists', 'GetRooms']);

/** The envelope around `m:<operation>Response` with its response messages. */
export function writeResponse(
  operation: string,
  messages: readonly XmlNode[],
  server: ServerVersion,
  prefixes: PrefixMap,
): string {
  const [only] = messages;
  const response =
    SINGLE_ANSWERS.has(operation) && only !== undefined
      ? { ...only, name: `${operation}Response` }
      : m(`${operation}Response`, m('ResponseMessages', messages));
  return DECLARATION + writeXml(envelope(server, response), prefixes);
}

/** A SOAP fault; faults of real servers carry no version header. */
export function writeFault(error: EwsError, prefixes: PrefixMap): string {
  const fault: XmlNode = {
    namespace: 's',
    name: 'Fault',
    attributes: {},
    children: [
      unqualified('faultcode', `a:${error.code}`, {
        'xmlns:a': 'http://schemas.microsoft.com/exchange/services/2006/types',
      }),
      unqualified('faultstring', error.message, { 'xml:lang': 'en-US' }),
      unqualified('detail', [
        e('ResponseCode', error.code),
        e('Message', error.message),
        error.details.length > 0 ? t('MessageXml', error.details) : undefined,
      ]),
    ],
  };
  return DECLARATION + writeXml(s('Envelope', s('Body', fault)), prefixes);
}

function unqualified(
  name: string,
  children: string | readonly XmlContent[],
  attributes: Record<string, string> = {},
): XmlNode {
  return { namespace: '', name, attributes, children: typeof children === 'string' ? [children] : children };
}

/** A successful response message. */
export function successMessage(operation: string, content: readonly XmlContent[]): XmlNode {
  return m(`${operation}ResponseMessage`, [m('ResponseCode', 'NoError'), ...content], { ResponseClass: 'Success' });
}

/** A failed (or, for `Warning`, not attempted) response message. */
export function errorMessage(
  operation: string,
  error: Pick<EwsError, 'code' | 'message' | 'details'>,
  content: readonly XmlContent[] = [],
  responseClass: 'Error' | 'Warning' = 'Error',
): XmlNode {
  return m(
    `${operation}ResponseMessage`,
    [
      m('MessageText', error.message),
      m('ResponseCode', error.code),
      m('DescriptiveLinkKey', '0'),
      error.details.length > 0 ? m('MessageXml', error.details) : undefined,
      ...content,
    ],
    { ResponseClass: responseClass },
  );
}
