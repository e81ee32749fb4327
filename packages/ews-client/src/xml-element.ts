const prefixes: ReadonlyMap<string, string> = new Map([
  ['http://schemas.microsoft.com/exchange/services/2006/types', 't:'],
  ['http://schemas.microsoft.com/exchange/services/2006/messages', 'm:'],
  ['http://schemas.microsoft.com/exchange/services/2006/errors', 'e:'],
  ['http://schemas.xmlsoap.org/soap/envelope/', 's:'],
  ['http://schemas.microsoft.com/exchange/2010/Autodiscover', 'a:'],
  ['', ''],
]);

/** The name under which this package knows an element: its own prefix per namespace, whatever prefix the reply uses. */
export function canonicalName(uri: string, local: string): string {
  return (prefixes.get(uri) ?? '?:') + local;
}

/** One element of a reply; children keep the order in which they came. */
export class XmlElement {
  /** Such as `t:Subject`, `m:ResponseCode`, `e:ResponseCode`, `s:Fault`; foreign namespaces read `?:name`. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Character data of an element without children, else empty. */
  readonly text: string;

  constructor(
    name: string,
    attributes: ReadonlyMap<string, string>,
    children: readonly XmlElement[] = [],
    text: string = '',
  ) {
    this.name = name;
    this.attributes = attributes;
    this.children = children;
    this.text = text;
  }

  /** The first child of that name. */
  child(name: string): XmlElement | undefined {
    return this.children.find((child) => child.name === name);
  }

  /** The element at the end of a path of first children. */
  descend(...names: readonly string[]): XmlElement | undefined {
    let element: XmlElement | undefined = this;
    for (const name of names) element = element?.child(name);
    return element;
  }

  /** The text of the first child of that name, surrounding white space removed. */
  childText(name: string): string | undefined {
    return this.child(name)?.text.trim();
  }

  attribute(name: string): string | undefined {
    return this.attributes.get(name);
  }
}
