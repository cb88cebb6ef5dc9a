-- Whose a calendar's secret is. A request that has a secret knows no person yet: it asks
-- calendar_of, which opens for who has the secret of one person and says nothing else.
CREATE TABLE calendars (
	user_id text  PRIMARY KEY,
	hash    bytea NOT NULL UNIQUE, -- SHA-256 of the secret
	at      timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE calendars ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendars FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON calendars TO api_app USING (user_id = current_setting('app.user_id', true))
	WITH CHECK (user_id = current_setting('app.user_id', true));
CREATE POLICY every ON calendars TO api_work USING (true) WITH CHECK (true);

-- The owner, as whom the function runs, sees the row whose hash is looked for and no other.
CREATE POLICY known ON calendars FOR SELECT TO api_owner USING (encode(hash, 'hex') = current_setting('app.lookup', true));

CREATE FUNCTION calendar_of(wanted bytea) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = api, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM calendars WHERE hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;
REVOKE ALL ON FUNCTION calendar_of(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION calendar_of(bytea) TO api_app;
