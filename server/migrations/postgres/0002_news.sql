-- Servers with a cache listen to the channel that is called as the schema is, and hear the key of each session that
-- changes, in base64. Off until the first of them asks: PostgreSQL commits what notifies one after the other.

CREATE FUNCTION tell_of_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify(TG_TABLE_SCHEMA, 'everything');
        RETURN NULL;
    END IF;
    PERFORM pg_notify(TG_TABLE_SCHEMA, encode(OLD.key, 'base64'));
    IF TG_OP = 'UPDATE' AND NEW.key <> OLD.key THEN
        PERFORM pg_notify(TG_TABLE_SCHEMA, encode(NEW.key, 'base64'));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tell_of_changes AFTER UPDATE OR DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION tell_of_changes();
CREATE TRIGGER tell_of_truncation AFTER TRUNCATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_changes();
ALTER TABLE sessions DISABLE TRIGGER tell_of_changes, DISABLE TRIGGER tell_of_truncation;
