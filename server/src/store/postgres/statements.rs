//! The statements. Each change is one; a session that is read under a former key takes two.

use super::row::record_columns;

/// The record under a key.
pub(super) const LOAD: &str =
    concat!("SELECT confirmed, ", record_columns!(), " FROM sessions WHERE key = $1 AND deadline > $2");

/// The record that a key leads to as an alias.
pub(super) const FOLLOW: &str = concat!(
    "SELECT confirmed, ",
    record_columns!(),
    ", sessions.key, nonce, retire_at \
     FROM aliases JOIN sessions ON sessions.id = session WHERE aliases.key = $1 AND deadline > $2"
);

/// The live record under a key, which nobody else changes until the transaction ends.
pub(super) const LOCK: &str =
    concat!("SELECT ", record_columns!(), " FROM sessions WHERE key = $1 AND deadline > $2 FOR UPDATE");

pub(super) const CREATE: &str =
    "SELECT create_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/// New data, for the record that it was made from. The revision alone does not tell: it comes again where the database was
/// restored, or a replica without the last commits has taken over.
pub(super) const COMMIT: &str = "UPDATE sessions SET data = $5, revision = $3 + 1, deadline = greatest(deadline, $6), \
     seen_at = greatest(seen_at, $7) WHERE key = $1 AND deadline > $2 AND revision = $3 AND handle = $4 \
     AND sha256(data) = $8 RETURNING deadline, seen_at";

/// The same with new meta: it may also shorten the life.
pub(super) const COMMIT_META: &str = "UPDATE sessions SET data = $5, revision = $3 + 1, deadline = $6, seen_at = greatest(seen_at, $7), \
     created_at = $8, absolute_deadline = $9, idle_timeout = $10, persistent = $11, user_name = $12, \
     authenticated_at = $13 WHERE key = $1 AND deadline > $2 AND revision = $3 AND handle = $4 \
     AND sha256(data) = $14 RETURNING deadline, seen_at";

/// As `Record::visit` has it. A timeout without an end must not run over.
pub(super) const TOUCH: &str = "UPDATE sessions SET seen_at = greatest(seen_at, $4), deadline = greatest(deadline, least($3, \
     absolute_deadline, CASE WHEN idle_timeout > 9223372036854775807 - $4 THEN 9223372036854775807 \
     ELSE $4 + idle_timeout END)) WHERE key = $1 AND deadline > $2 RETURNING true";

pub(super) const ROTATE: &str = "SELECT rotated.* FROM (SELECT key FROM sessions WHERE key = $1 AND sha256(data) = $18 FOR UPDATE) AS seen, \
     LATERAL rotate_session(seen.key, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS rotated";

pub(super) const CONFIRM: &str = "SELECT confirm_rotation($1, $2)";

pub(super) const DELETE: &str = "SELECT delete_session($1, $2)";

pub(super) const LIST: &str = concat!(
    "SELECT key, ",
    record_columns!(),
    " FROM sessions WHERE sha256(user_name) = sha256($1) AND user_name = $1 AND deadline > $2"
);

/// In the order of their rows, so that two who do this do not wait for each other in a circle.
pub(super) const DELETE_ALL: &str = "WITH doomed AS (\
       SELECT id FROM sessions WHERE sha256(user_name) = sha256($1) AND user_name = $1 AND id IS DISTINCT FROM (\
         SELECT id FROM sessions WHERE key = $2 UNION ALL SELECT session FROM aliases WHERE key = $2 LIMIT 1) \
       ORDER BY id FOR UPDATE), \
     gone AS (DELETE FROM sessions USING doomed WHERE sessions.id = doomed.id RETURNING deadline) \
     SELECT count(*) FROM gone WHERE deadline > $3";

/// Some of the records that are due. What another server sweeps at the moment, or a request changes, is left to them.
pub(super) const SWEEP: &str = "WITH gone AS (DELETE FROM sessions WHERE id = ANY (ARRAY(\
       SELECT id FROM sessions WHERE due <= $1::bigint / 300000 AND deadline <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)) \
     RETURNING handle) SELECT handle FROM gone";

/// Whether writes are refused; and that the tables are there.
pub(super) const PING: &str =
    "SELECT current_setting('transaction_read_only') = 'on', EXISTS (SELECT FROM sessions)";
