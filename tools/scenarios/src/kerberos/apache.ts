import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts, until } from 'stack-driver';
import type { Realm } from './realm.ts';
import { type ServerCertificate, writeCertificate } from './server-certificates.ts';

const MODULES = '/usr/lib/apache2/modules';

export interface ApacheOptions {
  readonly certificate: ServerCertificate;
  readonly keytab: string;
  readonly upstream: string;
  /** What the upstream server is sent as `Authorization`. */
  readonly authorization: string;
}

/** Apache with mod_auth_gssapi before an Exchange simulator: somebody else's implementation of Negotiate. */
export class Apache {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #port: number;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.#port = port;
  }

  /** @throws Error when Debian's libapache2-mod-auth-gssapi is missing, or what Apache says */
  static async start(realm: Realm, options: ApacheOptions): Promise<Apache> {
    if (!existsSync(`${MODULES}/mod_auth_gssapi.so`)) throw new Error('install libapache2-mod-auth-gssapi');
    const [folder, port] = [join(realm.folder, 'apache'), await freePorts(1)];
    mkdirSync(folder);
    // It reads the keytab with the rights of its own user.
    for (const path of [realm.folder, folder]) chmodSync(path, 0o755);
    chmodSync(options.keytab, 0o644);
    writeFileSync(join(folder, 'apache.conf'), configOf(realm, folder, port, options));
    const child = spawn('/usr/sbin/apache2', ['-DFOREGROUND', '-f', join(folder, 'apache.conf')], {
      env: realm.serverEnv,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    process.once('exit', () => child.kill());
    const apache = new Apache(child, folder, port);
    await until('Apache listens', () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
      return apache.#answers();
    });
    return apache;
  }

  url(path: string): string {
    return `https://localhost:${this.#port}${path}`;
  }

  /** Of each request its user and status, as `name@REALM 200`. */
  get requests(): string[] {
    return readFileSync(join(this.#folder, 'access.log'), 'utf8').split('\n').filter(Boolean);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
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
}

function configOf(
  realm: Realm,
  folder: string,
  port: number,
  { certificate, keytab, upstream, authorization }: ApacheOptions,
): string {
  const { cert, key } = writeCertificate(realm.folder, certificate);
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'auth_gssapi',
    'ssl',
    'headers',
    'proxy',
    'proxy_http',
  ];
  return `${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`).join('')}
ServerName localhost
ServerRoot ${folder}
PidFile ${folder}/apache.pid
Mutex file:${folder}
DefaultRuntimeDir ${folder}
User www-data
Group www-data
StartServers 1
ErrorLog ${folder}/error.log
LogFormat "%u %>s" short
CustomLog ${folder}/access.log short
Listen 127.0.0.1:${port}
SSLEngine on
SSLCertificateFile ${cert}
SSLCertificateKeyFile ${key}
ProxyPass / ${new URL('/', upstream).href}
<Location />
  AuthType GSSAPI
  AuthName exchange
  GssapiCredStore keytab:${keytab}
  Require valid-user
  RequestHeader set Authorization "${authorization}"
</Location>
`;
}
