import { type EwsCallPlace, type EwsError, EwsReplyError, EwsResponseError } from './ews-error.ts';
import { plainCode, type ResponseCodeRule, remedyOf, ruleOf, ruleOfItem } from './response-codes.ts';
import type { XmlElement } from './xml-element.ts';

/** The answer to one of the things asked for: a success with its element, or what went wrong with it. */
export type ResponseMessage =
  | { readonly ok: true; readonly element: XmlElement }
  | { readonly ok: false; readonly error: EwsError; readonly element: XmlElement };

/** Operations whose response is its own single message, without a list of messages around it. */
const singleAnswers = new Set(['GetRoomLists', 'GetRooms']);

/**
 * The response messages of a reply, in the order of what was asked.
 * @param expected how many there must be; undefined takes any number
 * @throws EwsResponseError for a SOAP fault, EwsReplyError when this is no answer to `operation` for `expected` things.
 */
export function readResponseMessages(
  envelope: XmlElement,
  expected: number | undefined,
  place: EwsCallPlace,
): ResponseMessage[] {
  const content = readAnswer(envelope, `m:${place.operation}Response`, place);
  if (singleAnswers.has(place.operation)) return [readMessage(content, place)];
  const messages = content.child('m:ResponseMessages')?.children ?? [];
  if (expected !== undefined && messages.length !== expected) {
    throw notTheAnswer(`the reply holds ${messages.length} answers to ${expected} questions`, place);
  }
  for (const { name } of messages) {
    if (name === `m:${place.operation}ResponseMessage`) continue;
    throw notTheAnswer(`an answer is ${name}, not m:${place.operation}ResponseMessage`, place);
  }
  return messages.map((message) => readMessage(message, place));
}

/**
 * What a reply holds.
 * @param name what it must be
 * @throws EwsResponseError for a SOAP fault, EwsReplyError for anything else.
 */
export function readAnswer(envelope: XmlElement, name: string, place: EwsCallPlace): XmlElement {
  const content = bodyContent(envelope, place);
  if (content.name === 's:Fault') throw faultError(content, place);
  if (content.name !== name) throw notTheAnswer(`the reply is ${content.name}, not ${name}`, place);
  return content;
}

/** The SOAP fault of a reply as an error, or null when it holds none. */
export function readFault(envelope: XmlElement, place: EwsCallPlace): EwsResponseError | null {
  const fault = envelope.descend('s:Body', 's:Fault');
  return fault === undefined ? null : faultError(fault, place);
}

function bodyContent(envelope: XmlElement, place: EwsCallPlace): XmlElement {
  if (envelope.name !== 's:Envelope')
    throw notTheAnswer(`the reply is ${envelope.name}, not a SOAP 1.1 envelope`, place);
  const content = envelope.child('s:Body')?.children[0];
  if (content === undefined) throw notTheAnswer('the SOAP body is empty', place);
  return content;
}

function readMessage(message: XmlElement, place: EwsCallPlace): ResponseMessage {
  const responseClass = message.attribute('ResponseClass');
  if (responseClass === 'Success') return { ok: true, element: message };
  // Warnings are failures too: mostly they mean that the thing was not looked at (docs/reference/exchange.md §4.5). An
  // operation that knows one for an answer finds it in the element.
  if (responseClass !== 'Error' && responseClass !== 'Warning') {
    throw notTheAnswer('an answer has no known ResponseClass', place);
  }
  const code = message.childText('m:ResponseCode') ?? '';
  const rule = place.operation === 'GetItem' ? ruleOfItem : ruleOf;
  return { ok: false, error: codedError(code, message.child('m:MessageXml'), place, rule), element: message };
}

function faultError(fault: XmlElement, place: EwsCallPlace): EwsResponseError {
  const detail = fault.child('detail');
  const faultCode = fault.childText('faultcode') ?? '';
  const code = detail?.childText('e:ResponseCode') ?? faultCode.slice(faultCode.indexOf(':') + 1);
  return codedError(code, detail?.child('t:MessageXml'), place, ruleOf, 500);
}

/** The error for a code of Exchange's own. @param rule what the code means where it stands */
export function codedError(
  reported: string,
  messageXml: XmlElement | undefined,
  place: EwsCallPlace,
  rule: (code: string) => ResponseCodeRule = ruleOf,
  httpStatus?: number,
): EwsResponseError {
  const responseCode = plainCode(reported);
  const { errorClass, scope } = rule(responseCode);
  const backOffMs = backOff(messageXml);
  const details = [positionOf(messageXml), backOffMs === undefined ? '' : `back-off ${backOffMs} ms`];
  const told = details.filter((detail) => detail !== '').join(', ');
  const message = `Exchange answered ${responseCode}${told === '' ? '' : ` (${told})`}: ${remedyOf(errorClass)}`;
  return new EwsResponseError(message, place, { errorClass, scope, responseCode, backOffMs, httpStatus });
}

function backOff(messageXml: XmlElement | undefined): number | undefined {
  const value = messageXml?.children.find(
    (child) => child.name === 't:Value' && child.attribute('Name') === 'BackOffMilliseconds',
  );
  const text = value?.text.trim() ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Where a schema violation lies in the request. The violation's own text may quote the request and is left out. */
function positionOf(messageXml: XmlElement | undefined): string {
  const line = messageXml?.childText('t:LineNumber') ?? '';
  const column = messageXml?.childText('t:LinePosition') ?? '';
  return /^\d+$/.test(line) && /^\d+$/.test(column) ? `request line ${line}, position ${column}` : '';
}

/** The error for a reply that does not answer what was asked. */
export function notTheAnswer(problem: string, place: EwsCallPlace): EwsReplyError {
  const message = `${problem}: something between here and Exchange answers in its place, or it is not Exchange`;
  return new EwsReplyError(message, place, { errorClass: 'transient', scope: 'mailbox' });
}
