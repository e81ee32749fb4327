import { fileURLToPath } from 'node:url';
import type { IHttpClient } from 'soap';

/**
 * A value that `soap` turns into elements: keys are local names; `attributes`, `$value` (the text of an element that has
 * attributes) and `$choice` (kept order) are special.
 */
type RequestValue = string | number | readonly RequestValue[] | { readonly [name: string]: RequestValue | undefined };

export type RequestBody = { readonly [name: string]: RequestValue | undefined };

/** A value that cannot be written into a request. Carries no content. */
export class UnwritableValueError extends Error {
  readonly code = 'ews-unwritable-value';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

type SoapMethod = (args: unknown, callback: () => void) => void;

/**
 * Writes requests of one contract: element order and namespaces come from its schema through `soap`, whose own HTTP and
 * reply parser are never used.
 */
export class SoapWriter<Operation extends string> {
  readonly #methods: ReadonlyMap<Operation, SoapMethod>;
  readonly #setHeader: (header: RequestBody) => void;
  readonly #takeWritten: () => string;

  private constructor(
    methods: ReadonlyMap<Operation, SoapMethod>,
    setHeader: (header: RequestBody) => void,
    takeWritten: () => string,
  ) {
    this.#methods = methods;
    this.#setHeader = setHeader;
    this.#takeWritten = takeWritten;
  }

  /**
   * Reads and parses a contract (some 15 ms and the loading of `soap`, so it is done on the first call).
   * @param wsdl name of the file in `contract/`
   */
  static async load<Operation extends string>(
    wsdl: string,
    operations: readonly Operation[],
  ): Promise<SoapWriter<Operation>> {
    const { createClientAsync } = await import('soap');
    let written = '';
    const capture = {
      request(_url: string, xml: string) {
        written = xml;
      },
    };
    const client = await createClientAsync(fileURLToPath(new URL(`../contract/${wsdl}`, import.meta.url)), {
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
   * @param header its elements by prefixed name
   * @throws UnwritableValueError for text that `soap` would pass on unescaped.
   */
  write(operation: Operation, header: RequestBody, body: RequestBody): string {
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
