//! The statements, for one table. Moments are those of connect-pg-simple: without a time zone, by the server's.

use crate::store::postgres::quoted;

pub(super) struct Statements {
    pub(super) get: String,
    pub(super) create: String,
    pub(super) replace: String,
    pub(super) touch: String,
    pub(super) delete: String,
    pub(super) prune: String,
    pub(super) ping: String,
    pub(super) exists: String,
    pub(super) create_table: String,
}

impl Statements {
    pub(super) fn new(table: &str) -> Self {
        let (key, index) = (quoted(&format!("{table}_pkey")), quoted(&format!("IDX_{table}_expire")));
        let table = quoted(table);
        Self {
            get: format!("SELECT sess::text FROM {table} WHERE sid = $1 AND expire >= to_timestamp($2)"),
            create: format!(
                "INSERT INTO {table} (sid, sess, expire) VALUES ($1, $2::text::json, to_timestamp($3)) \
                 ON CONFLICT DO NOTHING RETURNING true"
            ),
            replace: format!(
                "UPDATE {table} SET sid = $4, sess = $5::text::json, expire = to_timestamp($6) \
                 WHERE sid = $1 AND sess::text = $2 AND expire >= to_timestamp($3) RETURNING true"
            ),
            touch: format!(
                "UPDATE {table} SET expire = to_timestamp($2) \
                 WHERE sid = $1 AND expire >= to_timestamp($3) RETURNING true"
            ),
            delete: format!("DELETE FROM {table} WHERE sid = $1 RETURNING true"),
            prune: format!("DELETE FROM {table} WHERE expire < to_timestamp($1) RETURNING true"),
            ping: format!("SELECT EXISTS (SELECT FROM {table})"),
            exists: format!("SELECT sid, sess, expire FROM {table} LIMIT 0"),
            create_table: format!(
                "CREATE TABLE IF NOT EXISTS {table} (sid varchar COLLATE \"default\" NOT NULL \
                 CONSTRAINT {key} PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL); \
                 CREATE INDEX IF NOT EXISTS {index} ON {table} (expire)"
            ),
        }
    }
}
