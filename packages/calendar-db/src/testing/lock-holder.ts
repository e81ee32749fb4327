import pg from 'pg';

/**
 * Run as a process of its own by a test: writes an event in a transaction on the connection that its first argument
 * describes (JSON), says `holding`, and never commits. None of our session settings are made.
 */
async function holdLock(connection: string, eventId: string): Promise<void> {
  const client = new pg.Client(JSON.parse(connection));
  client.on('error', (error) => process.stdout.write(`lost ${error.message}\n`));
  await client.connect();
  await client.query('BEGIN');
  await client.query('UPDATE calendar.event SET subject = $2 WHERE event_id = $1', [eventId, 'never to be seen']);
  process.stdout.write('holding\n');
  setInterval(() => undefined, 60_000);
}

const [, , connection = '{}', eventId = ''] = process.argv;
await holdLock(connection, eventId);
