import { defaultReplyLimits, MalformedXmlError, type ReplyLimits, ReplyReader } from './reply-reader.ts';
import type { XmlElement } from './xml-element.ts';

/** An envelope of a stream tells of some events; one of this size does not come from Exchange. */
export const streamLimits: ReplyLimits = { ...defaultReplyLimits, maxBytes: 4 * 1024 * 1024 };

const LESS = 0x3c;
const GREATER = 0x3e;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const endings = { comment: '-->', cdata: ']]>', instruction: '?>' } as const;
const openings = { comment: '<!--', cdata: '<![CDATA[' } as const;
/** A name longer than this is not that of an envelope; more of it need not be kept. */
const longestName = 256;

type Within = 'text' | 'markup' | 'tag' | 'endTag' | keyof typeof endings;

/**
 * Cuts an endless body into envelopes, however it is chunked: each ends with an end tag of the local name `Envelope`,
 * whatever its prefix; the same letters in a comment, a CDATA section or a processing instruction end nothing. All marks
 * are ASCII, so that the cut is made between bytes and every envelope has a decoder and a parser of its own.
 */
export class EnvelopeReader {
  readonly #limits: ReplyLimits;
  /** Of the envelope at hand; undefined between two, where declarations, comments and blanks mean nothing. */
  #reader: ReplyReader | undefined;
  #within: Within = 'text';
  /** The markup at hand as far as it is needed to tell what it is: its beginning, or the name of an end tag. */
  #mark = '';
  #quote = 0;

  constructor(limits: ReplyLimits = streamLimits) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes. @returns the envelopes that they complete, one by one, none of them kept
   * @throws MalformedXmlError or ReplyLimitError; the reader is of no use afterwards
   */
  *write(chunk: Uint8Array): Generator<XmlElement, void, undefined> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const before = this.#reader;
      const ends = this.#take(chunk[at] as number);
      if (before === undefined) from = at + 1;
      if (!ends || this.#reader === undefined) continue;
      this.#reader.write(chunk.subarray(from, at + 1));
      const envelope = this.#reader.end();
      this.#reader = undefined;
      from = at + 1;
      yield envelope;
    }
    this.#reader?.write(chunk.subarray(from));
  }

  /** The body is at its end. @throws MalformedXmlError when that is in the middle of an envelope */
  end(): void {
    if (this.#reader !== undefined) throw new MalformedXmlError('the stream ended within an envelope');
  }

  /** @returns whether this byte completes an envelope */
  #take(byte: number): boolean {
    switch (this.#within) {
      case 'text':
        if (byte === LESS) this.#enter('markup', '<');
        else if (this.#reader === undefined && byte > 0x20 && !isByteOrderMark(byte)) {
          throw new MalformedXmlError('text between two envelopes');
        }
        return false;
      case 'markup':
        this.#tell(byte);
        return false;
      case 'tag':
        this.#skipTag(byte);
        return false;
      case 'endTag':
        if (byte !== GREATER) {
          if (this.#mark.length < longestName) this.#mark += String.fromCharCode(byte);
          return false;
        }
        this.#within = 'text';
        return isEnvelope(this.#mark);
      default:
        this.#mark = (this.#mark + String.fromCharCode(byte)).slice(-3);
        if (this.#mark.endsWith(endings[this.#within])) this.#within = 'text';
        return false;
    }
  }

  /** Finds out what the markup at hand is, byte by byte. */
  #tell(byte: number): void {
    this.#mark += String.fromCharCode(byte);
    if (this.#mark === '<?') this.#enter('instruction', '');
    else if (this.#mark === openings.comment) this.#enter('comment', '');
    else if (this.#mark === openings.cdata) this.#enter('cdata', '');
    else if (this.#mark === '</') {
      this.#begin();
      this.#enter('endTag', '');
    } else if (!Object.values(openings).some((opening) => opening.startsWith(this.#mark))) {
      // A start tag, or a document type, which the parser refuses.
      this.#begin();
      this.#enterTag(byte);
    }
  }

  /** The first tag: from here on bytes belong to an envelope. */
  #begin(): void {
    if (this.#reader !== undefined) return;
    this.#reader = new ReplyReader(this.#limits);
    // Its mark may have begun with an earlier chunk.
    this.#reader.write(Buffer.from(this.#mark, 'latin1'));
  }

  #enterTag(byte: number): void {
    this.#within = 'tag';
    this.#quote = 0;
    this.#skipTag(byte);
  }

  /** A `>` within an attribute's value does not end a tag. */
  #skipTag(byte: number): void {
    if (this.#quote !== 0) {
      if (byte === this.#quote) this.#quote = 0;
    } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) this.#quote = byte;
    else if (byte === GREATER) this.#within = 'text';
  }

  #enter(within: Within, mark: string): void {
    this.#within = within;
    this.#mark = mark;
  }
}

function isEnvelope(endTag: string): boolean {
  return /(?:^|:)Envelope\s*$/.test(endTag);
}

function isByteOrderMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf;
}
