-- Times are milliseconds since the Unix epoch; 9223372036854775807 is the end of time.

CREATE TABLE sessions (
    -- Stays when the key changes.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The SHA-256 of the session id.
    key bytea NOT NULL UNIQUE CHECK (octet_length(key) = 32),
    -- False while the key is new from a rotation and has not been seen.
    confirmed boolean NOT NULL,
    revision bigint NOT NULL,
    deadline bigint NOT NULL,
    -- The deadline in steps of five minutes. The sweep's index is on this: most writes leave it alone, and an update
    -- that changes no indexed column needs no new entry in any index.
    due bigint NOT NULL GENERATED ALWAYS AS (deadline / 300000) STORED,
    seen_at bigint NOT NULL,
    created_at bigint NOT NULL,
    absolute_deadline bigint NOT NULL,
    -- In milliseconds.
    idle_timeout bigint NOT NULL,
    persistent boolean NOT NULL,
    handle text NOT NULL,
    -- Bytes: a text of PostgreSQL's holds no NUL, and only what the database's encoding knows.
    user_name bytea,
    authenticated_at bigint,
    -- The text of a JSON object in UTF-8; convert_from(data, 'UTF8') shows it.
    data bytea NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX sessions_by_due ON sessions (due);
-- Of a digest: names are of any length.
CREATE INDEX sessions_by_user ON sessions (sha256(user_name)) WHERE user_name IS NOT NULL;

-- Keys that sessions have had before.
CREATE TABLE aliases (
    -- Greater for later keys of a session.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bytea NOT NULL UNIQUE CHECK (octet_length(key) = 32),
    session bigint NOT NULL REFERENCES sessions ON DELETE CASCADE,
    -- Of a session's last alias, until the key after it has been seen.
    nonce bytea,
    -- NULL until a later key has been seen.
    retire_at bigint
);

CREATE INDEX aliases_by_session ON aliases (session);

-- In the functions, each statement sees what has been committed before it. A key is looked for among the aliases after
-- it was put among the sessions: whoever moves it from the one table to the other meanwhile is waited for by then.

CREATE FUNCTION create_session(
    the_key bytea, now bigint, the_data bytea, the_revision bigint, the_deadline bigint, the_seen_at bigint,
    the_created_at bigint, the_absolute_deadline bigint, the_idle_timeout bigint, is_persistent boolean,
    the_handle text, the_user bytea, the_authenticated_at bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        INSERT INTO sessions (key, confirmed, data, revision, deadline, seen_at, created_at, absolute_deadline,
            idle_timeout, persistent, handle, user_name, authenticated_at)
        VALUES (the_key, true, the_data, the_revision, the_deadline, the_seen_at, the_created_at,
            the_absolute_deadline, the_idle_timeout, is_persistent, the_handle, the_user, the_authenticated_at)
        ON CONFLICT (key) DO NOTHING;
        EXIT WHEN FOUND;
        DELETE FROM sessions WHERE key = the_key AND deadline <= now;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM aliases WHERE key = the_key) THEN
        DELETE FROM sessions WHERE key = the_key;
        RETURN false;
    END IF;
    RETURN true;
END $$;

-- No row: there is no such session, or it is another by now. A key that is taken raises unique_violation.
CREATE FUNCTION rotate_session(
    the_key bytea, now bigint, expected bigint, the_handle text, new_key bytea, new_nonce bytea, most_aliases integer,
    the_data bytea, the_deadline bigint, the_seen_at bigint, sets_life boolean, the_created_at bigint,
    the_absolute_deadline bigint, the_idle_timeout bigint, is_persistent boolean, the_user bytea,
    the_authenticated_at bigint
) RETURNS TABLE (new_deadline bigint, new_seen_at bigint) LANGUAGE plpgsql AS $$
DECLARE
    the_session bigint;
BEGIN
    DELETE FROM sessions WHERE key = new_key AND deadline <= now;
    UPDATE sessions SET key = new_key, confirmed = new_nonce IS NULL, data = the_data, revision = expected + 1,
        deadline = CASE WHEN sets_life THEN the_deadline ELSE greatest(deadline, the_deadline) END,
        seen_at = greatest(seen_at, the_seen_at), created_at = the_created_at,
        absolute_deadline = the_absolute_deadline, idle_timeout = the_idle_timeout, persistent = is_persistent,
        user_name = the_user, authenticated_at = the_authenticated_at
    WHERE key = the_key AND revision = expected AND handle = the_handle AND deadline > now
    RETURNING id, deadline, seen_at INTO the_session, new_deadline, new_seen_at;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF new_key = the_key OR EXISTS (SELECT FROM aliases WHERE key = new_key) THEN
        RAISE unique_violation;
    END IF;
    IF new_nonce IS NULL THEN
        DELETE FROM aliases WHERE session = the_session;
    ELSE
        UPDATE aliases SET nonce = NULL WHERE session = the_session AND nonce IS NOT NULL;
        INSERT INTO aliases (key, session, nonce) VALUES (the_key, the_session, new_nonce);
        DELETE FROM aliases WHERE session = the_session AND id <=
            (SELECT id FROM aliases WHERE session = the_session ORDER BY id DESC LIMIT 1 OFFSET most_aliases);
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION confirm_rotation(the_key bytea, the_end bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_session bigint;
    seen bigint;
BEGIN
    UPDATE sessions SET confirmed = true WHERE key = the_key AND NOT confirmed RETURNING id INTO the_session;
    IF FOUND THEN
        UPDATE aliases SET nonce = NULL, retire_at = coalesce(retire_at, the_end)
        WHERE session = the_session AND (nonce IS NOT NULL OR retire_at IS NULL);
        RETURN;
    END IF;
    -- Seen late: the key is an alias by now, and retires those before it only. The session first, as everybody does.
    SELECT id, session INTO seen, the_session FROM aliases WHERE key = the_key;
    IF FOUND THEN
        PERFORM FROM sessions WHERE id = the_session FOR UPDATE;
        UPDATE aliases SET retire_at = the_end WHERE session = the_session AND id < seen AND retire_at IS NULL;
    END IF;
END $$;

-- Whether it was live; no row when there was none.
CREATE FUNCTION delete_session(the_key bytea, now bigint) RETURNS SETOF boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY DELETE FROM sessions WHERE key = the_key RETURNING deadline > now;
    IF NOT FOUND THEN
        RETURN QUERY DELETE FROM sessions WHERE id = (SELECT session FROM aliases WHERE key = the_key)
            RETURNING deadline > now;
    END IF;
END $$;
