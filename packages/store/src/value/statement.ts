/** Versions of a key that history keeps at least; older ones go with every 128th write. */
const HISTORY_KEPT = 2_000;
const PRUNED_EVERY = 128;

/** The present value without the escapes in its strings: PostgreSQL opens no JSON that has a NUL, or half a surrogate pair, in any of them. */
const PRESENT = String.raw`regexp_replace(p.value, '\\(u[0-9a-f]{4}|.)', '?', 'g')::json`;
const isObject = `json_typeof(${PRESENT}) = 'object'`;
const isNumber = (field: string) => `json_typeof(${PRESENT} -> '${field}') = 'number'`;

/**
 * Writes an array of values, one input for each `(namespace, key)`, and answers each input by its place.
 *
 * It locks the runs that fences name, in the order of their ids, then the values, in the order of their names, so that
 * what it decides by is true until it commits. A value that was not there when the statement began is inserted; where
 * another writer has just done that, the input is answered `again`: the next statement sees it.
 */
export const WRITE_VALUES = {
  name: "write_values",
  text: `
  WITH clock AS MATERIALIZED (SELECT tape.now() AS at),
  i AS MATERIALIZED (
    SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bool[], $8::text[], $9::text[], $10::text[], $11::int[], $12::float8[], $13::float8[])
      AS i (place, namespace, key, value, writer, if_version, if_not_live, step, run_id, owner, epoch, done, total)
  ),
  held AS MATERIALIZED (
    SELECT r.id, r.owner, r.epoch FROM tape.runs r WHERE r.id IN (SELECT run_id FROM i) ORDER BY r.id FOR SHARE
  ),
  fenced AS MATERIALIZED (
    SELECT i.*, i.run_id IS NULL OR COALESCE(held.owner = i.owner AND held.epoch = i.epoch, false) AS holds
    FROM i LEFT JOIN held ON held.id = i.run_id
  ),
  present AS MATERIALIZED (
    SELECT v.namespace, v.key, v.value, v.version, v.deleted, v.writer, v.at
    FROM fenced JOIN tape."values" v ON v.namespace = fenced.namespace AND v.key = fenced.key
    WHERE fenced.holds ORDER BY v.namespace, v.key FOR UPDATE OF v
  ),
  judged AS MATERIALIZED (
    SELECT f.*, p.version AS now_version, p.value AS now_value, p.writer AS now_writer, p.at AS now_at, p.deleted AS now_deleted,
      asked.version AS asked_version, asked.value AS asked_value, asked.writer AS asked_writer, asked.at AS asked_at,
      CASE
        WHEN NOT f.holds THEN 'lease_lost'
        WHEN asked.version IS NOT NULL THEN 'repeated'
        WHEN f.value IS NULL AND p.version IS NULL THEN 'not_found'
        WHEN f.if_version <> COALESCE(p.version, 0) OR (f.if_not_live AND NOT p.deleted) THEN 'version_conflict'
        WHEN f.value IS NULL AND p.deleted THEN 'not_found'
        WHEN f.done IS NOT NULL AND CASE WHEN ${isObject} THEN CASE WHEN ${isNumber("done")} AND ${isNumber("total")}
          THEN (${PRESENT} ->> 'total')::float8 = f.total AND (${PRESENT} ->> 'done')::float8 > f.done END END THEN 'unchanged'
        WHEN p.version IS NULL THEN 'insert'
        ELSE 'update'
      END AS does
    FROM fenced f
    LEFT JOIN present p ON p.namespace = f.namespace AND p.key = f.key
    LEFT JOIN tape.value_history asked ON f.step IS NOT NULL AND asked.namespace = f.namespace AND asked.key = f.key AND asked.step = f.step
  ),
  inserted AS (
    INSERT INTO tape."values" (namespace, key, version, value, deleted, writer, at)
    SELECT namespace, key, 1, value, false, writer, clock.at FROM judged, clock WHERE does = 'insert' ORDER BY namespace, key
    ON CONFLICT (namespace, key) DO NOTHING
    RETURNING namespace, key, version, at
  ),
  updated AS (
    UPDATE tape."values" v SET version = v.version + 1, value = j.value, deleted = j.value IS NULL, writer = j.writer, at = GREATEST(clock.at, v.at)
    FROM judged j, clock WHERE j.does = 'update' AND v.namespace = j.namespace AND v.key = j.key
    RETURNING v.namespace, v.key, v.version, v.at
  ),
  written AS (SELECT * FROM inserted UNION ALL SELECT * FROM updated),
  kept AS (
    INSERT INTO tape.value_history (namespace, key, version, value, deleted, writer, at, step)
    SELECT w.namespace, w.key, w.version, j.value, j.value IS NULL, j.writer, w.at, j.step
    FROM written w JOIN judged j ON j.namespace = w.namespace AND j.key = w.key
  ),
  pruned AS (
    DELETE FROM tape.value_history h USING written w
    WHERE w.version % ${PRUNED_EVERY} = 0 AND h.namespace = w.namespace AND h.key = w.key AND h.version <= w.version - ${HISTORY_KEPT}
  )
  SELECT j.place, COALESCE(w.version, j.asked_version, j.now_version, 0)::float8 AS version, COALESCE(w.at, j.asked_at, j.now_at) AS at,
    CASE WHEN j.does IN ('insert', 'update') THEN CASE WHEN w.version IS NULL THEN 'again' ELSE 'written' END ELSE j.does END AS does,
    CASE j.does WHEN 'repeated' THEN j.asked_value WHEN 'unchanged' THEN j.now_value END AS value,
    CASE j.does WHEN 'repeated' THEN j.asked_writer WHEN 'unchanged' THEN j.now_writer ELSE j.writer END AS writer,
    COALESCE(NOT j.now_deleted, false) AS live
  FROM judged j LEFT JOIN written w ON w.namespace = j.namespace AND w.key = j.key`,
};
