/** The least of all: NOTIFY → LISTEN → send, the payload being the message. Plain pg and ws. */
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';

const listening = new pg.Client({ connectionString: process.argv[2]! });
await listening.connect();
await listening.query('LISTEN bare_change');

const sockets = new Map<string, WebSocket>();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', (socket, request) => sockets.set(request.url?.slice(1) ?? '', socket));

listening.on('notification', ({ payload = '' }) => {
  const end = payload.indexOf(' ');
  sockets.get(payload.slice(0, end))?.send(payload.slice(end + 1));
});
server.once('listening', () => console.log((server.address() as { port: number }).port));
