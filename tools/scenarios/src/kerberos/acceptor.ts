import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Realm } from './realm.ts';
import { type ServerCertificate, writeCertificate } from './server-certificates.ts';

const PROGRAM = new URL('../../kerberos/acceptor.py', import.meta.url).pathname;

/** What became of one request at the acceptor. */
export interface Acceptance {
  readonly outcome: 'accepted' | 'refused' | 'kept' | 'asked';
  /** `name@REALM` of who was let in. */
  readonly name?: string;
  readonly bound?: boolean;
  /** Seconds until the ticket ends. */
  readonly lifetime?: number;
  readonly reason?: string;
  /** The client's: one for each connection. */
  readonly port: number;
}

export interface AcceptorOptions {
  /** Default: its own. */
  readonly bindTo?: ServerCertificate;
  readonly keytab: string;
  /** Where requests of those who are let in are passed on to; default: they get an empty answer. */
  readonly upstream?: string;
  /** What the upstream server is sent as `Authorization`. */
  readonly authorization?: string;
  readonly persistent?: boolean;
  /** Answered in the place of its own token. */
  readonly token?: Buffer;
}

/** A server of the system's Kerberos library, in Python, that requires channel bindings. */
export class Acceptor {
  readonly seen: Acceptance[] = [];
  readonly #process: ChildProcess;
  #port = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** @throws Error when Debian's python3-gssapi is missing */
  static async start(realm: Realm, certificate: ServerCertificate, options: AcceptorOptions): Promise<Acceptor> {
    const { bindTo = certificate, keytab, upstream = null, authorization = '', persistent = false, token } = options;
    const files = writeCertificate(realm.folder, certificate);
    const settings = {
      ...files,
      ...{ bindTo: writeCertificate(realm.folder, bindTo).cert, upstream, authorization, persistent },
      token: token?.toString('base64') ?? null,
    };
    const child = spawn('/usr/bin/python3', [PROGRAM], {
      env: { ...realm.serverEnv, KRB5_KTNAME: keytab, KRB5RCACHEDIR: realm.folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const acceptor = new Acceptor(child);
    // Its standard input stays open: it ends with this process, whatever ends that.
    child.stdin.write(`${JSON.stringify(settings)}\n`);
    const lines = createInterface(child.stdout);
    const listening = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${PROGRAM} ended with ${code}: is python3-gssapi installed?`)));
      lines.on('line', (line) => {
        const told = JSON.parse(line);
        if (told.outcome !== undefined) acceptor.seen.push(told);
        else {
          acceptor.#port = told.port;
          resolve();
        }
      });
    });
    await listening;
    return acceptor;
  }

  url(path: string): string {
    return `https://localhost:${this.#port}${path}`;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
