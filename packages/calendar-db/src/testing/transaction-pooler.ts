import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';

/** AuthenticationOk, a cancel key of the pooler's own, ReadyForQuery. */
const GREETING = Buffer.from([
  ...[0x52, 0, 0, 0, 8, 0, 0, 0, 0],
  ...[0x4b, 0, 0, 0, 12, 0x7f, 0xff, 0xff, 0xfe, 0, 0, 0, 1],
  ...[0x5a, 0, 0, 0, 5, 0x49],
]);
const READY_FOR_QUERY = 0x5a;
const TERMINATE = 0x58;
const IDLE = 0x49;

/** A session with Postgres that is lent to one client at a time. */
interface Session {
  readonly client: pg.Client;
  readonly stream: Socket;
  user: Socket | null;
}

/**
 * A connection pooler that lends Postgres sessions for one transaction at a time, as PgBouncer does in that mode: any
 * password is taken, whichever session was used last is lent first.
 */
export class TransactionPooler {
  readonly #server: Server;
  readonly #sessions: Session[];
  readonly #waiting: { readonly user: Socket; readonly bytes: Buffer }[] = [];
  readonly #clients = new Set<Socket>();

  private constructor(sessions: Session[]) {
    this.#sessions = sessions;
    this.#server = createServer((user) => this.#accept(user));
    for (const session of sessions) {
      session.stream.removeAllListeners('data');
      const read = messageReader((type, message) => {
        session.user?.write(message);
        if (type === READY_FOR_QUERY && message[5] === IDLE) this.#giveBack(session);
      });
      session.stream.on('data', read);
    }
  }

  static async start(database: DatabaseOptions, sessions: number): Promise<TransactionPooler> {
    const opened = await Promise.all(Array.from({ length: sessions }, () => openSession(database)));
    const pooler = new TransactionPooler(opened);
    pooler.#server.listen(0, '127.0.0.1');
    await once(pooler.#server, 'listening');
    return pooler;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
    for (const { stream } of this.#sessions) stream.destroy();
    await Promise.all(this.#sessions.map(({ stream }) => (stream.closed ? undefined : once(stream, 'close'))));
  }

  #accept(user: Socket): void {
    this.#clients.add(user);
    user.on('error', () => undefined);
    user.on('close', () => this.#clients.delete(user));
    user.once('data', () => {
      user.write(GREETING);
      user.on('data', (bytes) => bytes[0] === TERMINATE || this.#forward(user, bytes));
    });
  }

  #forward(user: Socket, bytes: Buffer): void {
    const session = this.#sessions.find((one) => one.user === user) ?? this.#sessions.find((one) => one.user === null);
    if (!session) {
      this.#waiting.push({ user, bytes });
      return;
    }
    session.user = user;
    session.stream.write(bytes);
  }

  #giveBack(session: Session): void {
    session.user = null;
    this.#sessions.sort((a, b) => Number(b === session) - Number(a === session));
    const next = this.#waiting.shift();
    if (next) this.#forward(next.user, next.bytes);
  }
}

async function openSession(database: DatabaseOptions): Promise<Session> {
  const client = new pg.Client(connectionConfig({ ...database, applicationName: 'pooler' }));
  client.on('error', () => undefined);
  await client.connect();
  // node-pg has signed in; from here on its socket is used without it.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  return { client, stream, user: null };
}

/** Cuts a stream into messages of the Postgres protocol: type, length, content. */
function messageReader(onMessage: (type: number, message: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = rest.readUInt32BE(1) + 1;
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      onMessage(message.readUInt8(0), message);
    }
  };
}
