import { SaxesParser, type SaxesTagNS } from 'saxes';
import { CharacterCleaner } from './character-cleaner.ts';
import { canonicalName, XmlElement } from './xml-element.ts';

export interface ReplyLimits {
  /** Of the unpacked reply. */
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Elements that are kept at the same time: each takes far more memory than the bytes that it is made of. */
  readonly maxElements: number;
  /** Characters of one element; bodies are cut there, anything else is refused. */
  readonly maxText: number;
  readonly maxBodyText: number;
}

export const defaultReplyLimits: ReplyLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 64,
  maxElements: 1_000_000,
  maxText: 4 * 1024 * 1024,
  maxBodyText: 256 * 1024,
};

/** The reply is no well-formed XML. The message tells what the parser met, never the reply's text. */
export class MalformedXmlError extends Error {
  readonly code = 'ews-malformed-xml';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The reply is larger or deeper than anything that EWS sends. */
export class ReplyLimitError extends Error {
  readonly code = 'ews-reply-limit';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly maxText: number;
  readonly cutText: boolean;
  /** Kept elements before this one. */
  readonly before: number;
  text: string;
}

const noAttributes: ReadonlyMap<string, string> = new Map();
const bodyElements = new Set(['t:Body', 't:TextBody', 't:UniqueBody', 't:NormalizedBody', 't:Preview']);

/** Takes the children of one kind of element as they close, so that a long list never stands in memory as a tree. */
export interface PartTaker {
  /** Name of the element whose children are taken, such as `t:Items`. */
  readonly within: string;
  /** @returns what stays in the child's place; null keeps nothing of it */
  take(part: XmlElement): XmlElement | null;
}

/** Reads one XML document, fed in chunks as it arrives, into ordered elements. */
export class ReplyReader {
  readonly #limits: ReplyLimits;
  readonly #parts: PartTaker | undefined;
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #decoder = new TextDecoder('utf-8');
  readonly #cleaner = new CharacterCleaner();
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #bytes = 0;
  #elements = 0;

  constructor(limits: ReplyLimits = defaultReplyLimits, parts?: PartTaker) {
    this.#limits = limits;
    this.#parts = parts;
    this.#parser.on('doctype', () => {
      throw new MalformedXmlError('a document type declaration, which SOAP forbids');
    });
    this.#parser.on('opentag', (tag) => this.#opened(tag));
    this.#parser.on('closetag', () => this.#closed());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('error', (error) => {
      throw new MalformedXmlError(error.message);
    });
  }

  /**
   * Takes the next bytes.
   * @throws MalformedXmlError or ReplyLimitError; the reader is of no use afterwards.
   */
  write(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#limits.maxBytes) {
      throw new ReplyLimitError(`more than ${this.#limits.maxBytes} bytes`);
    }
    this.#parse(this.#cleaner.clean(this.#decoder.decode(chunk, { stream: true })));
  }

  /** True while nothing at all has come. */
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /**
   * The root element, once all bytes are written.
   * @throws MalformedXmlError when the document is not complete.
   */
  end(): XmlElement {
    this.#parse(this.#cleaner.clean(this.#decoder.decode()) + this.#cleaner.end());
    this.#parser.close();
    if (this.#root === undefined) throw new MalformedXmlError('no root element');
    return this.#root;
  }

  #parse(text: string): void {
    if (text !== '') this.#parser.write(text);
  }

  #opened(tag: SaxesTagNS): void {
    if (this.#open.length >= this.#limits.maxDepth) {
      throw new ReplyLimitError(`elements nested deeper than ${this.#limits.maxDepth}`);
    }
    const before = this.#elements++;
    if (before >= this.#limits.maxElements) {
      throw new ReplyLimitError(`more than ${this.#limits.maxElements} elements`);
    }
    const name = canonicalName(tag.uri, tag.local);
    const cutText = bodyElements.has(name);
    this.#open.push({
      name,
      attributes: ownAttributes(tag),
      children: [],
      maxText: cutText ? this.#limits.maxBodyText : this.#limits.maxText,
      cutText,
      before,
      text: '',
    });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element === undefined) return;
    const room = element.maxText - element.text.length;
    if (text.length <= room) element.text += text;
    else if (element.cutText) element.text += text.slice(0, Math.max(0, room));
    else throw new ReplyLimitError(`more than ${element.maxText} characters in ${element.name}`);
  }

  #closed(): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    const text = open.children.length === 0 ? open.text : '';
    const element = new XmlElement(open.name, open.attributes, open.children, text);
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      this.#root = element;
      return;
    }
    if (parent.name !== this.#parts?.within) {
      parent.children.push(element);
      return;
    }
    const kept = this.#parts.take(element);
    this.#elements = open.before + (kept === null ? 0 : 1);
    if (kept !== null) parent.children.push(kept);
  }
}

function ownAttributes(tag: SaxesTagNS): ReadonlyMap<string, string> {
  let attributes: Map<string, string> | undefined;
  for (const attribute of Object.values(tag.attributes)) {
    if (attribute.uri !== '') continue;
    attributes ??= new Map();
    attributes.set(attribute.local, attribute.value);
  }
  return attributes ?? noAttributes;
}
