import type { XmlContent, XmlNode } from '../soap/xml-node.ts';
import type { Personality } from './personality.ts';

const TIMES = new Set(['Start', 'End', 'RecurrenceId', 'OriginalStart']);
const TENTH_OF_A_MICROSECOND = '.9999999Z';

/** Response messages as a server of that personality would write them. */
export function imitate(messages: readonly XmlNode[], personality: Personality): readonly XmlNode[] {
  const { duplicateElements, missingElements, reversesElements, times } = personality;
  const isPlain =
    duplicateElements.length === 0 && missingElements.length === 0 && !reversesElements && times === 'exact';
  return isPlain ? messages : messages.map((message) => rewrite(message, personality));
}

function rewrite(node: XmlNode, personality: Personality): XmlNode {
  const children = node.children.map((child) => (typeof child === 'object' ? rewrite(child, personality) : child));
  if (node.namespace !== 't') return { ...node, children };
  if (node.name === 'CalendarItem') return { ...node, children: itemContent(children, personality) };
  return { ...node, children: TIMES.has(node.name) ? children.map((child) => timeText(child, personality)) : children };
}

function itemContent(children: readonly XmlContent[], personality: Personality): XmlContent[] {
  const { duplicateElements, missingElements, reversesElements } = personality;
  const nameOf = (child: XmlContent) => (typeof child === 'object' ? child.name : '');
  const content = children
    .filter((child) => !missingElements.includes(nameOf(child)))
    .flatMap((child) => (duplicateElements.includes(nameOf(child)) ? [child, child] : [child]));
  return reversesElements ? content.reverse() : content;
}

function timeText(content: XmlContent, { times }: Personality): XmlContent {
  if (typeof content !== 'string' || times === 'exact') return content;
  if (times === 'zoneless') return content.replace(/Z$/, '');
  const instant = Date.parse(content);
  if (Number.isNaN(instant)) return content;
  return new Date(instant - 1000).toISOString().replace('.000Z', TENTH_OF_A_MICROSECOND);
}
