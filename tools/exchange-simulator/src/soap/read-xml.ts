import { SaxesParser } from 'saxes';
import { schemaViolation } from '../ews-error.ts';
import type { XmlElement } from './xml-element.ts';

const MAX_DEPTH = 64;

interface OpenElement {
  name: string;
  namespace: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
  line: number;
  column: number;
}

/**
 * Parses a whole XML document into an element tree.
 *
 * @throws EwsError `ErrorSchemaValidation` (a SOAP fault) with line and column when the text is not well-formed, has a
 * document type, or is nested deeper than any EWS request.
 */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => {
    throw schemaViolation(error.message.replace(/^\d+:\d+: /, ''), parser.line, parser.column);
  });
  parser.on('doctype', () => {
    throw schemaViolation('For security reasons DTD is prohibited in this XML document.', parser.line, parser.column);
  });
  parser.on('opentag', (tag) => {
    if (open.length >= MAX_DEPTH)
      throw schemaViolation('The document is nested too deeply.', parser.line, parser.column);
    const attributes: Record<string, string> = {};
    for (const [name, attribute] of Object.entries(tag.attributes)) {
      if (attribute.prefix !== 'xmlns' && name !== 'xmlns') attributes[name] = attribute.value;
    }
    open.push({
      name: tag.local,
      namespace: tag.uri,
      attributes,
      children: [],
      text: '',
      line: parser.line,
      column: parser.column,
    });
  });
  const addText = (chunk: string) => {
    const current = open.at(-1);
    if (current !== undefined) current.text += chunk;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  parser.write(text).close();
  if (root === undefined) throw schemaViolation('Root element is missing.', 0, 0);
  return root;
}
