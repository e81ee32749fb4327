import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { LOCAL_STEPS, SERVER_STEPS } from './conferences.ts';

/** Every mix of the facts that steps depend on, with the instants 10 (or 25), 20, 30 and 40 seconds into a day. */
const EVERY_CONFERENCE = `
  SELECT s.state, w.wanted, h.held, sv.server_id, hs.held_server, l.link_cid, 'x' AS cid, r.runs, m.may_run, f.confirmed,
         v.applied_version, 1 AS wanted_version, i.intent, 'a' AS intent_server,
         day + c.at * interval '1 s' AS create_at, day + interval '20 s' AS open_at,
         day + interval '30 s' AS give_up_at, day + interval '40 s' AS ends_at
  FROM (SELECT timestamptz '2027-03-01 00:00Z') d (day),
    unnest(ARRAY['planned', 'ready', 'running', 'cancelling', 'ended', 'cancelled', 'missed', 'failed']) s (state),
    unnest(ARRAY['own', 'link', 'none']) w (wanted), unnest(ARRAY['own', 'link', NULL]) h (held),
    unnest(ARRAY['a', 'b']) sv (server_id), unnest(ARRAY['a', NULL]) hs (held_server),
    unnest(ARRAY['x', 'y']) l (link_cid), unnest(ARRAY[true, false]) r (runs), unnest(ARRAY[true, false, NULL]) m (may_run),
    unnest(ARRAY[true, false]) f (confirmed), unnest(ARRAY[0, 1]) v (applied_version), unnest(ARRAY[10, 25]) c (at),
    unnest(ARRAY['create', 'run', NULL]) i (intent)`;

describe('when a conference is due', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
    await db.database.query(`
      CREATE TABLE calendar.sample AS
      SELECT jsonb_populate_record(NULL::calendar.conference, to_jsonb(f)) AS c,
             jsonb_populate_record(NULL::calendar.conference_claim, to_jsonb(f)) AS k
      FROM (${EVERY_CONFERENCE}) f`);
  }, 60_000);
  afterAll(() => db.drop());

  it('is the first second at which a step is needed, whatever the facts, the intent and the steps asked for', async () => {
    const { rows } = await db.database.query(`
      SELECT (c).state, (k).intent, wanted.steps, due.at, looked.at AS looked
      FROM calendar.sample,
        unnest(ARRAY['{run,checkRun}', '{miss,close}', NULL]) wanted (steps),
        LATERAL (SELECT calendar.next_step_at(c, (k).intent, (k).intent_server, true, true, '2027-03-01 00:00Z', steps::text[])) due (at),
        LATERAL (
          SELECT min(s.at) FROM generate_series(timestamptz '2027-03-01 00:00Z', '2027-03-01 00:00:45Z', '5 s') s (at)
          WHERE calendar.next_step(c, k, true, true, s.at) = ANY (steps::text[])
             OR (steps IS NULL AND calendar.next_step(c, k, true, true, s.at) IS NOT NULL)
        ) looked (at)
      WHERE due.at IS DISTINCT FROM looked.at AND (c).held_server IS NOT NULL AND (c).confirmed LIMIT 5`);
    expect(rows).toEqual([]);
  }, 120_000);

  it('is not before the stored instant of its kind, by which due conferences are found', async () => {
    const { rows } = await db.database.query(`
      SELECT (c).state, rules.stop, kind.steps, due.at AS due, stored.at AS stored
      FROM calendar.sample,
        unnest(ARRAY[true, false]) rules (stop),
        (VALUES (calendar.local_steps(), false), (calendar.server_steps(), true)) kind (steps, stop),
        LATERAL (SELECT calendar.next_step_at(c, NULL, NULL, rules.stop, rules.stop, '-infinity', kind.steps)) due (at),
        LATERAL (SELECT calendar.next_step_at(c, NULL, NULL, kind.stop, kind.stop, '-infinity', kind.steps)) stored (at)
      WHERE due.at < coalesce(stored.at, 'infinity') LIMIT 5`);
    expect(rows).toEqual([]);
    const { rows: columns } = await db.database.query<{ name: string; text: string }>(
      `SELECT a.attname AS name, pg_get_expr(d.adbin, d.adrelid) AS text
       FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
       WHERE a.attrelid = 'calendar.conference'::regclass AND a.attname IN ('local_due_at', 'server_due_at') ORDER BY 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual(['local_due_at', 'server_due_at']);
    expect(columns[0]?.text).toMatch(
      /^calendar\.conference_step_at\(state, wanted, .*, false, false, '-infinity'.*local_steps/u,
    );
    expect(columns[1]?.text).toMatch(
      /^calendar\.conference_step_at\(state, wanted, .*, true, true, '-infinity'.*server_steps/u,
    );
  }, 60_000);

  it('is told of steps that ask a server or none, as the launcher knows them', async () => {
    const { rows } = await db.database.query(
      'SELECT calendar.local_steps() AS local, calendar.server_steps() AS server',
    );
    expect(rows).toEqual([{ local: LOCAL_STEPS, server: SERVER_STEPS }]);
  });
});
