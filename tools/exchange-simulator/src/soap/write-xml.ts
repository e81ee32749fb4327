import { NAMESPACES, type NamespaceLetter, type PrefixMap } from './namespaces.ts';
import type { XmlNode } from './xml-node.ts';

/**
 * Character data as Exchange writes it: markup escaped, and control characters as numeric references although XML 1.0
 * forbids them (`&#x0;`, `&#x1A;`), which is what real servers do with such subjects and bodies
 * (docs/reference/exchange.md §12.1).
 */
function escapeText(text: string): string {
  return text.replaceAll(/[&<>"\p{Cc}\ufffe\uffff]/gu, (character) => {
    switch (character) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      case '\t':
      case '\n':
        return character;
      default:
        return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
    }
  });
}

/** Serializes a tree. Prefixed namespaces are declared on the root, the unprefixed ones wherever the default changes. */
export function writeXml(root: XmlNode, prefixes: PrefixMap): string {
  const parts: string[] = [];
  const declarations = (Object.keys(NAMESPACES) as NamespaceLetter[])
    .filter((letter) => prefixes[letter] !== '')
    .map((letter) => ` xmlns:${prefixes[letter]}="${NAMESPACES[letter]}"`)
    .join('');
  writeNode(root, prefixes, '', declarations, parts);
  return parts.join('');
}

function writeNode(
  node: XmlNode,
  prefixes: PrefixMap,
  defaultNamespace: string,
  declarations: string,
  parts: string[],
): void {
  const uri = node.namespace === '' ? '' : NAMESPACES[node.namespace];
  const prefix = node.namespace === '' ? '' : prefixes[node.namespace];
  const name = prefix === '' ? node.name : `${prefix}:${node.name}`;
  let inherited = defaultNamespace;
  parts.push('<', name, declarations);
  if (prefix === '' && uri !== defaultNamespace) {
    inherited = uri;
    parts.push(' xmlns="', inherited, '"');
  }
  for (const [attribute, value] of Object.entries(node.attributes)) {
    if (value !== undefined) parts.push(' ', attribute, '="', escapeText(value), '"');
  }
  parts.push('>');
  for (const content of node.children) {
    if (content === undefined) continue;
    if (typeof content === 'string') parts.push(escapeText(content));
    else writeNode(content, prefixes, inherited, '', parts);
  }
  parts.push('</', name, '>');
}
