import { violationAt } from '../ews-error.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import type { ItemView } from '../store/item-view.ts';
import { compareValues, readValueOf } from './comparable-value.ts';

export type Matches = (view: ItemView) => boolean;

/**
 * Reads `Restriction`: And, Or, Not, the comparisons, Contains and Exists. Without one everything matches.
 *
 * @throws EwsError `ErrorSchemaValidation` for an expression that the simulator does not know.
 */
export function readRestriction(element: XmlElement | undefined): Matches {
  const expression = element?.children[0];
  return expression === undefined ? () => true : readExpression(expression);
}

const COMPARISONS: ReadonlyMap<string, (difference: number) => boolean> = new Map([
  ['IsEqualTo', (difference: number) => difference === 0],
  ['IsNotEqualTo', (difference: number) => difference !== 0],
  ['IsGreaterThan', (difference: number) => difference > 0],
  ['IsGreaterThanOrEqualTo', (difference: number) => difference >= 0],
  ['IsLessThan', (difference: number) => difference < 0],
  ['IsLessThanOrEqualTo', (difference: number) => difference <= 0],
]);

function readExpression(element: XmlElement): Matches {
  const holds = COMPARISONS.get(element.name);
  if (holds !== undefined) return readComparison(element, holds);
  switch (element.name) {
    case 'And': {
      const parts = element.children.map(readExpression);
      return (view) => parts.every((part) => part(view));
    }
    case 'Or': {
      const parts = element.children.map(readExpression);
      return (view) => parts.some((part) => part(view));
    }
    case 'Not': {
      const inner = readExpression(firstChild(element));
      return (view) => !inner(view);
    }
    case 'Exists': {
      const value = readValueOf(firstChild(element));
      return (view) => value(view) !== undefined;
    }
    case 'Contains':
      return readContains(element);
    default:
      throw violationAt(element, `The simulator does not imitate the search expression '${element.name}'.`);
  }
}

function readComparison(element: XmlElement, holds: (difference: number) => boolean): Matches {
  const left = readValueOf(firstChild(element));
  const other = child(element, 'FieldURIOrConstant');
  const operand = other?.children[0];
  if (operand === undefined) throw violationAt(element, `The element '${element.name}' has nothing to compare with.`);
  const constant = operand.name === 'Constant' ? (operand.attributes.Value ?? '') : undefined;
  const right = constant === undefined ? readValueOf(operand) : () => constant;
  return (view) => {
    const [a, b] = [left(view), right(view)];
    return a !== undefined && b !== undefined && holds(compareValues(a, b));
  };
}

function readContains(element: XmlElement): Matches {
  const value = readValueOf(firstChild(element));
  const ignoreCase = /IgnoreCase/.test(element.attributes.ContainmentComparison ?? '');
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const wanted = fold(child(element, 'Constant')?.attributes.Value ?? '');
  const mode = element.attributes.ContainmentMode ?? 'FullString';
  return (view) => {
    const text = fold(value(view) ?? '');
    if (mode === 'FullString' || mode === 'ExactPhrase') return text === wanted;
    return mode.startsWith('Prefix') ? text.startsWith(wanted) : text.includes(wanted);
  };
}

function firstChild(element: XmlElement): XmlElement {
  const first = element.children[0];
  if (first === undefined) throw violationAt(element, `The element '${element.name}' is empty.`);
  return first;
}
