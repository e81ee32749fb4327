-- $1 owner, $2 server (null: steps that need none), $3 most, $4 lease in ms, $5 stop on cancel, $6 stop after end,
-- $7 steps wanted, most urgent first. One statement: what is due is leased and its intent committed.
WITH due AS (
  SELECT k.event_id, s.step, k.intent, k.intent_server, k.requested_at, k.attempts, c AS conference
  -- More than wanted, since another launcher may just be claiming the first of them.
  FROM calendar.due_conferences($2::text, 2 * $3::integer, $5::boolean, $6::boolean) d
  JOIN calendar.conference c ON c.event_id = d.event_id
  JOIN calendar.conference_claim k ON k.event_id = c.event_id AND k.actual_version = c.actual_version
  CROSS JOIN LATERAL (SELECT calendar.next_step(c, k, $5::boolean, $6::boolean, statement_timestamp()) AS step) s
  WHERE coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
    AND s.step = ANY ($7::text[])
    AND ($2::text IS NULL OR calendar.step_server(c, k) = $2)
  ORDER BY array_position($7::text[], s.step), c.open_at, c.event_id
  LIMIT $3::integer
  FOR UPDATE OF k SKIP LOCKED
), claimed AS (
  UPDATE calendar.conference_claim k SET
    owner = $1::uuid, token = k.token + 1,
    lease_until = statement_timestamp() + make_interval(secs => $4::double precision / 1000),
    -- What may have been sent stays known until it is resolved: only a step with a request of its own replaces it.
    intent = CASE WHEN $2 IS NULL OR d.step = 'checkRun' THEN k.intent ELSE d.step END,
    intent_server = CASE WHEN $2 IS NULL OR d.step = 'checkRun' THEN k.intent_server ELSE $2 END,
    requested_at = CASE WHEN $2 IS NULL OR d.step = 'checkRun' THEN k.requested_at ELSE clock_timestamp() END
  FROM due d WHERE d.event_id = k.event_id
  RETURNING k.event_id, k.token
)
SELECT d.event_id AS "eventId", k.token::double precision AS token, d.step, d.attempts,
       d.intent AS "openIntent", d.intent_server AS "openIntentServer",
       extract(epoch FROM clock_timestamp() - d.requested_at)::double precision * 1000 AS "openForMs",
       (d.conference).server_id AS "serverId", (d.conference).wanted, (d.conference).reason,
       (d.conference).owner_id AS "ownerId", (d.conference).topic, (d.conference).description,
       (d.conference).invitees, (d.conference).auto_invite AS "autoInvite", (d.conference).series_key AS "seriesKey",
       (d.conference).link_cid AS "linkCid", (d.conference).link_url AS "linkUrl", (d.conference).runs,
       (d.conference).starts_at AS "startsAt", (d.conference).ends_at AS "endsAt", (d.conference).open_at AS "openAt",
       (d.conference).wanted_version::double precision AS "wantedVersion",
       (d.conference).state, (d.conference).confirmed, (d.conference).life, (d.conference).held,
       (d.conference).held_server AS "heldServer", (d.conference).cid, (d.conference).url,
       (d.conference).app_url AS "appUrl", (d.conference).may_run AS "mayRun", (d.conference).recreated,
       (d.conference).invited, (d.conference).applied_version::double precision AS "appliedVersion",
       (d.conference).failure, (d.conference).updated_at AS "updatedAt"
FROM claimed k JOIN due d USING (event_id)
ORDER BY array_position($7::text[], d.step), (d.conference).open_at, d.event_id
