/** The least that reads what it tells: NOTIFY → LISTEN → two indexed SELECTs → send. Plain pg and ws. */
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';

const connectionString = process.argv[2]!;
const listening = new pg.Client({ connectionString });
const reading = new pg.Client({ connectionString });
await Promise.all([listening.connect(), reading.connect()]);
await listening.query('LISTEN floor_change');

const sockets = new Map<string, WebSocket>();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', (socket, request) => sockets.set(request.url?.slice(1) ?? '', socket));

listening.on('notification', async ({ payload }) => {
  const change = await reading.query('SELECT item_id, viewer FROM floor.change WHERE seq = $1', [payload]);
  const { item_id, viewer } = change.rows[0];
  const item = await reading.query('SELECT title, body FROM floor.item WHERE item_id = $1', [item_id]);
  sockets.get(viewer)?.send(JSON.stringify(item.rows[0]));
});
server.once('listening', () => console.log((server.address() as { port: number }).port));
