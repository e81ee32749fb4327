import { NAMESPACES, type NamespaceLetter, type WritableNamespace } from './namespaces.ts';
import type { XmlElement } from './xml-element.ts';

/** An element to be written. `attributes` with an undefined value are left out. */
export interface XmlNode {
  readonly namespace: WritableNamespace;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly XmlContent[];
}

export type XmlContent = XmlNode | string | undefined;

type Attributes = Readonly<Record<string, string | undefined>>;

function node(
  namespace: NamespaceLetter,
  name: string,
  children: XmlContent | readonly XmlContent[],
  attributes: Attributes,
): XmlNode {
  const list = Array.isArray(children) ? (children as readonly XmlContent[]) : [children as XmlContent];
  return { namespace, name, attributes, children: list };
}

/** An element of the `types` namespace. */
export function t(
  name: string,
  children: XmlContent | readonly XmlContent[] = [],
  attributes: Attributes = {},
): XmlNode {
  return node('t', name, children, attributes);
}

/** An element of the `messages` namespace. */
export function m(
  name: string,
  children: XmlContent | readonly XmlContent[] = [],
  attributes: Attributes = {},
): XmlNode {
  return node('m', name, children, attributes);
}

/** An element of the SOAP envelope namespace. */
export function s(
  name: string,
  children: XmlContent | readonly XmlContent[] = [],
  attributes: Attributes = {},
): XmlNode {
  return node('s', name, children, attributes);
}

/** An element of the `errors` namespace (fault details). */
export function e(
  name: string,
  children: XmlContent | readonly XmlContent[] = [],
  attributes: Attributes = {},
): XmlNode {
  return node('e', name, children, attributes);
}

/** A copy of a received element that can be written back, for properties that Exchange only stores and returns. */
export function nodeFromElement(element: XmlElement): XmlNode {
  const namespace = (Object.keys(NAMESPACES) as NamespaceLetter[]).find((key) => NAMESPACES[key] === element.namespace);
  const children = element.children.length > 0 ? element.children.map(nodeFromElement) : [element.text];
  return node(namespace ?? 't', element.name, children, element.attributes);
}

/** All text inside a node, depth first. */
export function nodeText(content: XmlContent): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  return content.children.map(nodeText).join('');
}
