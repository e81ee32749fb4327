import { t, type XmlNode } from './soap/xml-node.ts';

/**
 * A refusal in Exchange's own vocabulary. Thrown while one item or folder of a request is worked on, it becomes that
 * element's response message; with `fault` the whole request is answered with a SOAP fault.
 */
export class EwsError extends Error {
  /** An EWS response code such as `ErrorItemNotFound`. */
  readonly code: string;
  readonly fault: boolean;
  /** Content of `MessageXml`. */
  readonly details: readonly XmlNode[];

  constructor(code: string, message: string, options: { fault?: boolean; details?: readonly XmlNode[] } = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.fault = options.fault ?? false;
    this.details = options.details ?? [];
  }
}

/** The SOAP fault for a request that does not fit the schema. Line and column count from 1 as far as they are known. */
export function schemaViolation(violation: string, line: number, column: number): EwsError {
  return new EwsError('ErrorSchemaValidation', `The request failed schema validation: ${violation}`, {
    fault: true,
    details: [t('LineNumber', String(line)), t('LinePosition', String(column)), t('Violation', violation)],
  });
}

/** Same, at a known element. */
export function violationAt(element: { line: number; column: number }, violation: string): EwsError {
  return schemaViolation(violation, element.line, element.column);
}
