import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Standard input, a terminal or not. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Far more than anybody has passwords. */
const MAX_INPUT_BYTES = 1024 * 1024;

/** Nothing usable came from the prompt or from stdin. The message never holds what came. */
export class PasswordInputError extends Error {
  readonly code = 'password-input';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Ctrl-C at the prompt. */
export class InterruptedError extends Error {
  readonly code = 'interrupted';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * Asks for a password on a terminal, showing nothing of it. Asks twice: nobody sees a slip of the finger, and a wrong
 * password in the config would only show as refused logins, which can lock the account.
 * @throws InterruptedError on Ctrl-C, PasswordInputError when the two differ or the input ends
 */
export async function promptPassword(terminal: Input, messages: NodeJS.WritableStream): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal, output: silent, terminal: true, historySize: 0 });
  try {
    const ask = (question: string) => askLine(lines, question, messages);
    const password = await ask('Password: ');
    // An empty password is refused later; asking for it again would be pointless.
    if (password !== '' && (await ask('The same again: ')) !== password) {
      throw new PasswordInputError('the two passwords differ; nothing was encrypted');
    }
    return password;
  } finally {
    lines.close();
  }
}

function askLine(
  lines: ReturnType<typeof createInterface>,
  question: string,
  messages: NodeJS.WritableStream,
): Promise<string> {
  messages.write(question);
  return new Promise<string>((resolve, reject) => {
    const interrupted = () => reject(new InterruptedError('interrupted'));
    const closed = () => reject(new PasswordInputError('the input ended before a password was entered'));
    lines.once('SIGINT', interrupted);
    lines.once('close', closed);
    lines.question('', (answer) => {
      lines.off('SIGINT', interrupted);
      lines.off('close', closed);
      resolve(answer);
    });
  }).finally(() => messages.write('\n'));
}

/**
 * Reads one password per line; lines end with LF or CRLF, the last one may lack its end. Nothing else is taken off.
 * @throws PasswordInputError when there is none, too much, or no UTF-8 text
 */
export async function readPasswordLines(input: Input): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_INPUT_BYTES)
      throw new PasswordInputError(`stdin holds more than ${MAX_INPUT_BYTES} bytes; wanted one password per line`);
    chunks.push(bytes);
  }
  const text = decode(Buffer.concat(chunks));
  if (text === '') throw new PasswordInputError('stdin is empty; wanted one password per line');
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new PasswordInputError('stdin is not UTF-8 text', { cause: error });
  }
}
