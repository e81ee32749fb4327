// `&#x` + digits + `;` of any legal character needs far fewer; longer runs are left to the parser to refuse.
const longestReference = 32;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&#(?:x([0-9a-fA-F]{1,28})|([0-9]{1,28}));/g;
const openReference = /&(?:#(?:x[0-9a-fA-F]*|[0-9]*))?$/;

/**
 * Takes out of a chunked XML text what XML 1.0 forbids and Exchange sends all the same (docs/reference/exchange.md
 * §12.1): raw control characters and references to characters that do not exist, such as `&#x0;` or `&#x1A;`, also when
 * a chunk border cuts them.
 */
export class CharacterCleaner {
  #held = '';

  /** The clean text that is certain by now; an unfinished reference at the end is held back. */
  clean(chunk: string): string {
    let text = this.#held + chunk;
    this.#held = '';
    const tail = text.slice(-longestReference);
    const open = openReference.exec(tail);
    if (open !== null) {
      const start = text.length - tail.length + open.index;
      this.#held = text.slice(start);
      text = text.slice(0, start);
    }
    return text.replace(illegal, keepLegalReference);
  }

  /** What was held back when the text ends inside a reference. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

function keepLegalReference(match: string, hex: string | undefined, decimal: string | undefined): string {
  if (hex !== undefined) return isCharacter(Number.parseInt(hex, 16)) ? match : '';
  if (decimal !== undefined) return isCharacter(Number.parseInt(decimal, 10)) ? match : '';
  return '';
}

/** Whether XML may hold a code point: XML 1.0 production 2, Char. */
export function isCharacter(point: number): boolean {
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd;
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}
