import { EwsError, schemaViolation, violationAt } from '../ews-error.ts';
import { NAMESPACES, USUAL_PREFIXES } from '../soap/namespaces.ts';
import { readXml } from '../soap/read-xml.ts';
import type { ServerVersion } from '../soap/write-envelope.ts';
import { writeXml } from '../soap/write-xml.ts';
import { child, childrenNamed, childText } from '../soap/xml-element.ts';
import { s, type XmlContent, type XmlNode } from '../soap/xml-node.ts';
import type { UserAnswer } from './user-settings.ts';

const AUTODISCOVER = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const MAX_USERS = 90;

/** A GetUserSettings request, taken apart. */
export interface SettingsRequest {
  readonly users: readonly string[];
  readonly settings: readonly string[];
}

/**
 * Reads a GetUserSettings request of SOAP Autodiscover.
 *
 * @throws EwsError as a fault: `ErrorSchemaValidation`, `ErrorInvalidRequest` for any other operation.
 */
export function readSettingsRequest(text: string): SettingsRequest {
  const envelope = readXml(text);
  const body = envelope.namespace === NAMESPACES.s ? child(envelope, 'Body') : undefined;
  const message = body?.children[0];
  if (message === undefined) throw schemaViolation('The document is no SOAP 1.1 request.', 1, 1);
  if (message.namespace !== AUTODISCOVER || message.name !== 'GetUserSettingsRequestMessage') {
    throw new EwsError('ErrorInvalidRequest', `The simulator does not autodiscover by '${message.name}'.`, {
      fault: true,
    });
  }
  const request = child(message, 'Request');
  const users = request && child(request, 'Users');
  const settings = request && child(request, 'RequestedSettings');
  if (users === undefined || settings === undefined)
    throw violationAt(message, "The request must hold 'Users' and 'RequestedSettings'.");
  const addresses = childrenNamed(users, 'User').map((user) => childText(user, 'Mailbox') ?? '');
  const names = childrenNamed(settings, 'Setting').map((setting) => setting.text.trim());
  if (addresses.length === 0 || addresses.length > MAX_USERS || names.length === 0)
    throw violationAt(message, `The request must name 1 to ${MAX_USERS} users and at least one setting.`);
  return { users: addresses, settings: names };
}

/** The reply about all users of a request, in its order. */
export function writeSettingsReply(answers: readonly UserAnswer[], version: ServerVersion): string {
  const header = s('Header', [
    a('ServerVersionInfo', [
      a('MajorVersion', String(version.major)),
      a('MinorVersion', String(version.minor)),
      a('MajorBuildNumber', String(version.build)),
      a('MinorBuildNumber', String(version.revision)),
      a('Version', version.version),
    ]),
  ]);
  const response = a('Response', [
    a('ErrorCode', 'NoError'),
    a('ErrorMessage'),
    a('UserResponses', answers.map(writeUser)),
  ]);
  const envelope = s('Envelope', [header, s('Body', a('GetUserSettingsResponseMessage', response))], {
    'xmlns:a': AUTODISCOVER,
    'xmlns:i': INSTANCE,
  });
  return `<?xml version="1.0" encoding="utf-8"?>${writeXml(envelope, USUAL_PREFIXES)}`;
}

function writeUser({ code, message, redirectTarget, values, missing }: UserAnswer): XmlNode {
  return a('UserResponse', [
    a('ErrorCode', code),
    a('ErrorMessage', message),
    redirectTarget === undefined ? a('RedirectTarget', [], { 'i:nil': 'true' }) : a('RedirectTarget', redirectTarget),
    a(
      'UserSettingErrors',
      missing.map((name) =>
        a('UserSettingError', [
          a('ErrorCode', 'SettingIsNotAvailable'),
          a('ErrorMessage', `The setting '${name}' is not available.`),
          a('SettingName', name),
        ]),
      ),
    ),
    a(
      'UserSettings',
      [...values].map(([name, value]) =>
        a('UserSetting', [a('Name', name), a('Value', value)], { 'i:type': 'a:StringSetting' }),
      ),
    ),
  ]);
}

/** An element of the Autodiscover namespace, which the prefix map of EWS does not know. */
function a(name: string, children: string | XmlNode | readonly XmlContent[] = [], attributes = {}): XmlNode {
  const list = Array.isArray(children) ? (children as readonly XmlContent[]) : [children as XmlContent];
  return { namespace: '', name: `a:${name}`, attributes, children: list };
}
