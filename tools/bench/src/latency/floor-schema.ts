import pg from 'pg';

/** Tables of the floor, beside the calendar's: an item as large as an event, and a log of its changes. */
const SCHEMA = `
  CREATE SCHEMA floor;
  CREATE TABLE floor.item (item_id bigint PRIMARY KEY, viewer text NOT NULL, title text NOT NULL, body jsonb NOT NULL);
  CREATE TABLE floor.change (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item_id bigint NOT NULL, viewer text NOT NULL);
  CREATE FUNCTION floor.change_item(p_item bigint, p_title text) RETURNS void LANGUAGE sql AS $$
    UPDATE floor.item SET title = p_title WHERE item_id = p_item;
    WITH logged AS (
      INSERT INTO floor.change (item_id, viewer) SELECT item_id, viewer FROM floor.item WHERE item_id = p_item RETURNING seq
    )
    SELECT pg_notify('floor_change', seq::text) FROM logged;
  $$;`;

const FILL = `
  INSERT INTO floor.item
  SELECT n, ($1::text[])[1 + n % cardinality($1)], 'unchanged', $2::jsonb FROM generate_series(0, $3::int - 1) n`;

/** Makes the floor's tables, with as many items for each person as the calendar has. */
export async function makeFloor(databaseUrl: string, people: readonly string[], items: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(SCHEMA);
    await client.query(FILL, [people, JSON.stringify({ text: 'x'.repeat(900) }), items]);
    await client.query('ANALYZE floor.item');
  } finally {
    await client.end();
  }
}
