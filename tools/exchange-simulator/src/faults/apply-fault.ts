import { EwsError } from '../ews-error.ts';
import { type Answer, plainAnswer } from '../http/answer.ts';
import { refusalContent } from '../operations/refusal-content.ts';
import type { SimulatorSettings } from '../settings.ts';
import { errorMessage } from '../soap/write-envelope.ts';
import { t, type XmlContent, type XmlNode } from '../soap/xml-node.ts';
import { faultAnswer, messagesAnswer } from '../soap-service.ts';
import type { FaultAction } from './fault-rule.ts';

/** Runs the real operation. */
export type RunOperation = () => readonly XmlNode[];

const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method="post">Sign in</form></body></html>';

function details(backOffMs: number | undefined): XmlNode[] {
  return backOffMs === undefined ? [] : [t('Value', String(backOffMs), { Name: 'BackOffMilliseconds' })];
}

/**
 * The answer that a fault makes of a request; undefined means that the connection is cut without one. The operation runs
 * only where the fault needs its result.
 */
export function applyFault(
  action: FaultAction,
  operation: string,
  run: RunOperation,
  settings: SimulatorSettings,
): Answer | undefined {
  switch (action.form) {
    case 'soapFault': {
      const error = new EwsError(action.code, action.message ?? 'Injected fault.', {
        fault: true,
        details: details(action.backOffMs),
      });
      const answer = faultAnswer(error, settings, action.status ?? 500);
      return { ...answer, headers: { ...answer.headers, ...action.headers } };
    }
    case 'responseMessage':
      return messagesAnswer(operation, replaceMessages(action, operation, run), settings);
    case 'http': {
      const retryAfter: Record<string, string> =
        action.retryAfterSeconds === undefined ? {} : { 'retry-after': String(action.retryAfterSeconds) };
      return plainAnswer(action.status, { ...retryAfter, ...action.headers }, action.body ?? '');
    }
    case 'html':
      return plainAnswer(200, { 'content-type': 'text/html; charset=utf-8' }, LOGIN_PAGE);
    case 'cut': {
      if (action.afterOperation !== true && action.afterBytes === undefined) return undefined;
      return {
        ...messagesAnswer(operation, run(), settings),
        shortened: { bytes: action.afterBytes ?? 0, ending: 'cut' },
      };
    }
    case 'truncate':
      return { ...messagesAnswer(operation, run(), settings), shortened: { bytes: action.keepBytes, ending: 'end' } };
    case 'illegalCharacters':
      return messagesAnswer(
        operation,
        run().map((message) => spoil(message, action.element, action.text)),
        settings,
      );
    case 'delay':
      return messagesAnswer(operation, run(), settings);
  }
}

function replaceMessages(
  action: Extract<FaultAction, { form: 'responseMessage' }>,
  operation: string,
  run: RunOperation,
): readonly XmlNode[] {
  const error = new EwsError(action.code, action.message ?? 'Injected fault.', { details: details(action.backOffMs) });
  const extra = operation === 'SyncFolderItems' && !action.emptySyncState ? [] : refusalContent(operation);
  const replacement = errorMessage(operation, error, extra, action.responseClass ?? 'Error');
  if (action.positions === undefined && operation === 'SyncFolderItems') return [replacement];
  return run().map((message, position) => (action.positions?.includes(position) === false ? message : replacement));
}

/** Appends characters to every element of that name in the types namespace. */
function spoil(node: XmlNode, element: string, text: string): XmlNode {
  const children: XmlContent[] = node.children.map((child) =>
    typeof child === 'object' ? spoil(child, element, text) : child,
  );
  if (node.namespace === 't' && node.name === element) children.push(text);
  return { ...node, children };
}
