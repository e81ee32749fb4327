import { fileURLToPath } from 'node:url';
import type { IHttpClient } from 'soap';

/** XML attributes of an element, in the form that `soap` takes. */
export interface AttributesOnly {
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A value that `soap` turns into elements: keys are local names, `attributes` and `$choice` (kept order) are special. */
export type RequestValue =
  | string
  | number
  | readonly RequestValue[]
  | { readonly [name: string]: RequestValue | undefined };

export type RequestBody = { readonly [name: string]: RequestValue | undefined };

/** A value that cannot be written into a request. Carries no content. */
export class UnwritableValueError extends Error {
  readonly code = 'ews-unwritable-value';
}

type SoapMethod = (args: unknown, callback: () => void) => void;

/**
 * Writes the requests that a contract file describes: element order and namespaces come from its schema through `soap`,
 * whose own HTTP and reply parser are never used.
 */
export class SoapWriter {
  readonly #methods: ReadonlyMap<string, SoapMethod>;
  readonly #setHeader: (header: RequestBody) => void;
  readonly #takeWritten: () => string;

  private constructor(
    methods: ReadonlyMap<string, SoapMethod>,
    setHeader: (header: RequestBody) => void,
    takeWritten: () => string,
  ) {
    this.#methods = methods;
    this.#setHeader = setHeader;
    this.#takeWritten = takeWritten;
  }

  /** @param file name of a WSDL in `contract/` @param operations those of it that are to be written */
  static async load(file: string, operations: readonly string[]): Promise<SoapWriter> {
    const { createClientAsync } = await import('soap');
    let written = '';
    const capture = {
      request(_url: string, xml: string) {
        written = xml;
      },
    };
    const client = await createClientAsync(fileURLToPath(new URL(`../contract/${file}`, import.meta.url)), {
      disableCache: true,
      useEmptyTag: true,
      arrayWithChoiceTag: '$choice',
      httpClient: capture as unknown as IHttpClient,
    });
    const methods = new Map(operations.map((name) => [name, client[name] as SoapMethod]));
    const setHeader = (header: RequestBody): void => {
      client.clearSoapHeaders();
      client.addSoapHeader(header);
    };
    return new SoapWriter(methods, setHeader, () => written);
  }

  /**
   * The envelope of one request.
   * @param header names with the contract's prefixes
   * @throws UnwritableValueError for text that `soap` would pass on unescaped.
   */
  write(operation: string, header: RequestBody, body: RequestBody): string {
    const method = this.#methods.get(operation);
    if (method === undefined) throw new UnwritableValueError(`the contract has no operation ${operation}`);
    this.#setHeader(writable(header) as RequestBody);
    method(writable(body), () => {});
    return this.#takeWritten();
  }
}

// What XML 1.0 cannot hold even as a reference. Lone surrogates are mended separately.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const unwritableCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function writable(value: RequestValue): RequestValue {
  if (typeof value === 'string') return writableText(value);
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(writable);
  const fields = Object.entries(value).filter((field): field is [string, RequestValue] => field[1] !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, writable(field)]));
}

function writableText(text: string): string {
  const clean = text.replace(unwritableCharacters, '').toWellFormed();
  // `soap` escapes everything but text that looks like a CDATA section, which could then close it and add elements.
  if (clean.startsWith('<![CDATA[')) throw new UnwritableValueError('a value begins like a CDATA section');
  return clean;
}
