import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Stack } from '../stack.ts';
import { SmokeError } from './smoke-error.ts';

const ESTABLISHED = '01';

/** Where each worker's connections may lead besides Postgres; its own listeners may be reached by anybody. */
const PEERS = {
  'sync-worker': ['ews'],
  'ws-gateway': ['trueconf'],
  launcher: ['trueconf'],
} as const;

/** Workers share nothing but the database: no connection of theirs leads to another worker. Needs Linux's /proc. */
export async function checkSockets({ workers, addresses }: Stack): Promise<void> {
  if (process.platform !== 'linux') return;
  const port = (url: string) => Number(new URL(url).port);
  for (const [name, child] of workers) {
    const own = [port(addresses.ops[name]), ...(name === 'ws-gateway' ? [port(addresses.gateway)] : [])];
    const peers = [port(addresses.database), ...PEERS[name].map((peer) => port(addresses[peer]))];
    for (const { localPort, remotePort } of await connectionsOf(child.pid)) {
      if (own.includes(localPort) || peers.includes(remotePort)) continue;
      throw new SmokeError(
        `${name} has a connection to port ${remotePort}, which is neither Postgres nor one of its servers`,
      );
    }
  }
}

interface TcpConnection {
  readonly localPort: number;
  readonly remotePort: number;
}

/** Established TCP connections of a process (proc(5): /proc/pid/fd and /proc/pid/net/tcp). */
async function connectionsOf(pid: number): Promise<TcpConnection[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1] ?? []));
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')));
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/u))
    .filter((fields) => fields[3] === ESTABLISHED && inodes.has(fields[9] ?? ''))
    .map((fields) => ({ localPort: portOf(fields[1]), remotePort: portOf(fields[2]) }));
}

function portOf(address = ''): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
