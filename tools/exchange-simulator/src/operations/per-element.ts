import { EwsError } from '../ews-error.ts';
import { errorMessage, successMessage } from '../soap/write-envelope.ts';
import type { XmlContent, XmlNode } from '../soap/xml-node.ts';
import { refusalContent } from './refusal-content.ts';

/**
 * Works on each element of a request and answers each with its own response message, in request order. A refusal that is
 * not a fault ends only its own element.
 */
export function answerEach<T>(
  operation: string,
  elements: readonly T[],
  work: (element: T) => readonly XmlContent[],
): XmlNode[] {
  return elements.map((element) => {
    try {
      return successMessage(operation, work(element));
    } catch (error) {
      if (error instanceof EwsError && !error.fault) return errorMessage(operation, error, refusalContent(operation));
      throw error;
    }
  });
}

/** Tries something only for the faults that it throws: refusals of a single element come up again when it is worked on. */
export function faultsOf(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof EwsError) || error.fault) throw error;
  }
}
