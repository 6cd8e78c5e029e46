-- Times are milliseconds since the Unix epoch; 9223372036854775807 is the end of time.

CREATE TABLE sessions (
    -- Stays when the key changes.
    id INTEGER PRIMARY KEY,
    -- The SHA-256 of the session id.
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    -- 0 while the key is new from a rotation and has not been seen.
    confirmed INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    absolute_deadline INTEGER NOT NULL,
    -- In milliseconds.
    idle_timeout INTEGER NOT NULL,
    persistent INTEGER NOT NULL,
    handle TEXT NOT NULL,
    user TEXT,
    authenticated_at INTEGER,
    -- Last: what does not fit on the row's page is read only when it is asked for.
    data TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_deadline ON sessions (deadline);
CREATE INDEX sessions_by_user ON sessions (user) WHERE user IS NOT NULL;

-- Keys that sessions have had before.
CREATE TABLE aliases (
    -- Greater for later keys of a session.
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    session INTEGER NOT NULL,
    -- Of a session's last alias, until the key after it has been seen.
    nonce BLOB,
    -- NULL until a later key has been seen.
    retire_at INTEGER
) STRICT;

CREATE INDEX aliases_by_session ON aliases (session);

-- A trigger rather than a foreign key: it also works for somebody at the sqlite3 prompt, and an alias that
-- outlived its session would lead to the next one of that id.
CREATE TRIGGER aliases_end_with_their_session AFTER DELETE ON sessions BEGIN
    DELETE FROM aliases WHERE session = OLD.id;
END;
