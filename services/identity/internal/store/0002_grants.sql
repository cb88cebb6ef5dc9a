-- What people allow agents' programs: see package grant.

-- Programs that told us of themselves. They are nobody's; what they say is not checked.
CREATE TABLE clients (
	id         text        PRIMARY KEY,
	name       text        NOT NULL,
	redirects  text        NOT NULL, -- a JSON array
	created_at timestamptz NOT NULL
);
CREATE INDEX ON clients (created_at);

CREATE TABLE grants (
	id          uuid        PRIMARY KEY, -- version 7
	user_id     text        NOT NULL REFERENCES users ON DELETE CASCADE,
	client_id   text        NOT NULL,
	client_name text        NOT NULL,
	scope       text        NOT NULL,
	audience    text        NOT NULL,
	created_at  timestamptz NOT NULL,
	used_at     timestamptz NOT NULL
);
CREATE INDEX ON grants (user_id, id);

-- Codes are kept after their use until they end, so that a second use is noticed.
CREATE TABLE codes (
	code_hash   bytea       PRIMARY KEY, -- SHA-256
	user_id     text        NOT NULL REFERENCES users ON DELETE CASCADE,
	grant_id    uuid        NOT NULL, -- of the grant to be
	client_id   text        NOT NULL,
	client_name text        NOT NULL,
	scope       text        NOT NULL,
	audience    text        NOT NULL,
	redirect    text        NOT NULL,
	challenge   text        NOT NULL,
	created_at  timestamptz NOT NULL,
	expires_at  timestamptz NOT NULL,
	used        boolean     NOT NULL DEFAULT false
);
CREATE INDEX ON codes (user_id);

-- Refresh tokens are kept after their use, as long as their grant, so that a second use ends it.
CREATE TABLE refresh_tokens (
	token_hash bytea       PRIMARY KEY, -- SHA-256
	grant_id   uuid        NOT NULL REFERENCES grants ON DELETE CASCADE,
	user_id    text        NOT NULL REFERENCES users ON DELETE CASCADE,
	expires_at timestamptz NOT NULL,
	used       boolean     NOT NULL DEFAULT false
);
CREATE INDEX ON refresh_tokens (grant_id);
CREATE INDEX ON refresh_tokens (user_id);

DO $$
DECLARE name text;
BEGIN
	FOR name IN VALUES ('grants'), ('codes'), ('refresh_tokens')
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format($policy$
			CREATE POLICY own ON %I TO identity_app, identity_owner
			USING (user_id = current_setting('app.user_id', true))
			WITH CHECK (user_id = current_setting('app.user_id', true))$policy$, name);
		EXECUTE format('CREATE POLICY every ON %I TO identity_work USING (true)', name);
	END LOOP;
END $$;

CREATE POLICY known ON codes FOR SELECT TO identity_owner
	USING (encode(code_hash, 'hex') = current_setting('app.lookup', true));
CREATE POLICY known ON refresh_tokens FOR SELECT TO identity_owner
	USING (encode(token_hash, 'hex') = current_setting('app.lookup', true));

-- Look-ups as in the first migration.
CREATE FUNCTION user_of_code(wanted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM codes WHERE code_hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

CREATE FUNCTION user_of_refresh_token(wanted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM refresh_tokens WHERE token_hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

REVOKE ALL ON FUNCTION user_of_code, user_of_refresh_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_of_code, user_of_refresh_token TO identity_app;
