import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, until } from 'stack-driver';

const run = promisify(execFile);

/** What this process, and so every program that it starts, reads as the system's file (see `own-krb5-conf.bash`). */
const SYSTEM_FILE = '/etc/krb5.conf';

/** How a client is set up in `/etc/krb5.conf`. */
export interface ClientSettings {
  /** Lines for `[libdefaults]`. */
  readonly defaults?: readonly string[];
  /** Where the KDC is looked for; default: where it is. */
  readonly kdcPort?: number;
}

export interface KdcSettings {
  /** How far its clock is off, as faketime takes it (`+1h`). */
  readonly clock?: string;
  /** Lines for `[libdefaults]`. */
  readonly defaults?: readonly string[];
}

/** A Kerberos realm with a real KDC on the loopback interface: `CORP.EXAMPLE`. */
export class Realm {
  static readonly service = 'HTTP/localhost';
  readonly folder: string;
  readonly #port: number;
  #kdc: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.#port = port;
  }

  /** Makes an empty realm and starts its KDC. @throws Error when Debian's krb5-kdc is missing, or what it says */
  static async start(): Promise<Realm> {
    const realm = new Realm(mkdtempSync(join(tmpdir(), 'calendar-realm-')), await freePorts(1));
    realm.#writeFiles();
    await run('/usr/sbin/kdb5_util', ['create', '-s', '-r', 'CORP.EXAMPLE', '-P', 'master-of-the-test'], {
      env: realm.serverEnv,
    });
    await realm.startKdc();
    realm.clients();
    return realm;
  }

  /** For programs that are no clients: the KDC and the servers that accept tickets. */
  get serverEnv(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      KRB5_CONFIG: join(this.folder, 'krb5.conf'),
      KRB5_KDC_PROFILE: join(this.folder, 'kdc.conf'),
    };
  }

  /** Starts it, again if it runs. */
  async startKdc({ clock, defaults = [] }: KdcSettings = {}): Promise<void> {
    await this.stopKdc();
    this.#writeFiles(defaults);
    const program = ['/usr/sbin/krb5kdc', '-n'];
    const [file = '', ...args] = clock === undefined ? program : ['/usr/bin/faketime', '-f', clock, ...program];
    // Faketime starts the KDC as its child: both are ended as a group.
    const kdc = spawn(file, args, { env: this.serverEnv, stdio: 'ignore', detached: true });
    process.once('exit', () => end(kdc));
    this.#kdc = kdc;
    await until('the KDC listens', () => (kdc.exitCode === null ? this.#answers() : undefined));
  }

  async stopKdc(): Promise<void> {
    const kdc = this.#kdc;
    this.#kdc = undefined;
    if (kdc !== undefined && end(kdc)) await once(kdc, 'exit');
  }

  /** Writes how clients find the realm: into the system's own file, since no environment variable may lead them. */
  clients({ defaults = [], kdcPort = this.#port }: ClientSettings = {}): void {
    writeSystemFile(krb5Conf(kdcPort, defaults));
  }

  /** Leaves clients without any settings. */
  noClients(): void {
    writeSystemFile('');
  }

  /** Runs a command of kadmin. */
  async admin(command: string): Promise<string> {
    const { stdout, stderr } = await run('/usr/sbin/kadmin.local', ['-r', 'CORP.EXAMPLE', '-q', command], {
      env: this.serverEnv,
    });
    // It ends with 0 whatever became of the command.
    if (/kadmin(?:\.local)?: .*|^[a-z_]+: /m.test(stderr.replaceAll(/^No policy.*$/gm, ''))) throw new Error(stderr);
    return stdout;
  }

  /** Adds a principal with random keys. @param options of kadmin's `addprinc` @returns the path of its keytab */
  async principal(name: string, options = ''): Promise<string> {
    await this.admin(`addprinc -randkey +requires_preauth ${options} ${name}`);
    const keytab = join(this.folder, `${name.replaceAll('/', '_')}.keytab`);
    await this.admin(`ktadd -norandkey -k ${keytab} ${name}`);
    return keytab;
  }

  /** What the KDC has logged. */
  get log(): string {
    return readFileSync(join(this.folder, 'kdc.log'), 'utf8');
  }

  async end(): Promise<void> {
    await this.stopKdc();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #answers(): Promise<true> {
    return new Promise((resolve, reject) => {
      const probe = connect(this.#port, '127.0.0.1', () => {
        probe.destroy();
        resolve(true);
      });
      probe.once('error', reject);
    });
  }

  #writeFiles(defaults: readonly string[] = []): void {
    // Servers forgive no clock: a ticket that is over is over.
    const settings = krb5Conf(this.#port, ['clockskew = 1', ...defaults]);
    writeFileSync(join(this.folder, 'krb5.conf'), `${settings}${logging(this.folder)}`);
    writeFileSync(join(this.folder, 'kdc.conf'), kdcConf(this.folder, this.#port));
  }
}

/** @throws Error where the file is the machine's own */
function writeSystemFile(text: string): void {
  const isOwn = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${SYSTEM_FILE} `);
  if (!isOwn) throw new Error(`${SYSTEM_FILE} is the machine's own: run these tests by "pnpm kerberos"`);
  writeFileSync(SYSTEM_FILE, text);
}

/** Ends a process and its children, if it still runs. @returns whether it did */
function end({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  process.kill(-pid, 'SIGTERM');
  return true;
}

function krb5Conf(port: number, defaults: readonly string[]): string {
  return `[libdefaults]
  default_realm = CORP.EXAMPLE
  dns_lookup_kdc = false
  dns_lookup_realm = false
  rdns = false
${defaults.map((line) => `  ${line}\n`).join('')}[realms]
  CORP.EXAMPLE = {
    kdc = 127.0.0.1:${port}
  }
`;
}

function logging(folder: string): string {
  return `[logging]\n  kdc = FILE:${folder}/kdc.log\n`;
}

function kdcConf(folder: string, port: number): string {
  return `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  CORP.EXAMPLE = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/kadm5.acl
    max_life = 10h
    supported_enctypes = aes256-cts:normal aes128-cts:normal
  }
`;
}
