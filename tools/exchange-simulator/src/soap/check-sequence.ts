import { violationAt } from '../ews-error.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * Refuses children that `names` does not list or that stand in another order than `names`, as the schema's sequences do.
 * A name may repeat.
 *
 * @throws EwsError `ErrorSchemaValidation` naming the first misplaced element.
 */
export function checkSequence(element: XmlElement, names: readonly string[]): void {
  let reached = 0;
  for (const candidate of element.children) {
    const position = names.indexOf(candidate.name, reached);
    if (position < 0) {
      const expected = names.slice(reached).join(', ');
      throw violationAt(
        candidate,
        `The element '${element.name}' has invalid child element '${candidate.name}'. List of possible elements expected: '${expected}'.`,
      );
    }
    reached = position;
  }
}

/** The child called `name`, which the schema requires. */
export function requiredChild(element: XmlElement, name: string): XmlElement {
  const found = element.children.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw violationAt(
      element,
      `The element '${element.name}' has incomplete content. List of possible elements expected: '${name}'.`,
    );
  }
  return found;
}

/** The children of the child called `name`, of which the schema requires at least one. */
export function requiredList(element: XmlElement, name: string): readonly XmlElement[] {
  const list = requiredChild(element, name);
  if (list.children.length === 0) throw violationAt(list, `The element '${name}' has incomplete content.`);
  return list.children;
}

/** An attribute that the schema requires. */
export function requiredAttribute(element: XmlElement, name: string): string {
  const value = element.attributes[name];
  if (value === undefined) throw violationAt(element, `The required attribute '${name}' is missing.`);
  return value;
}

/** A non-negative integer of at least `minimum`. */
export function integerText(element: XmlElement, text: string, minimum: number, maximum: number): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= minimum && value <= maximum)) {
    throw violationAt(
      element,
      `The '${element.name}' element is invalid: the value '${text}' is not between ${minimum} and ${maximum}.`,
    );
  }
  return value;
}

/** An xs:boolean. */
export function booleanText(element: XmlElement, text = element.text.trim()): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw violationAt(element, `The '${element.name}' element is invalid: the value '${text}' is not a boolean.`);
}

/** One of the values of an enumeration. */
export function enumText<T extends string>(element: XmlElement, values: readonly T[], text = element.text.trim()): T {
  const found = values.find((value) => value === text);
  if (found === undefined) {
    throw violationAt(
      element,
      `The '${element.name}' element is invalid: the Enumeration constraint failed for '${text}'.`,
    );
  }
  return found;
}
