-- Who sees what: docs/decisions/0030-identity-looks-before-it-knows-who.md.
--   identity_app   answers requests. It sees and changes one person's rows (app.user_id), may put
--                  letters into the tray but not read them, and has no way to the signing keys.
--   identity_owner owns the tables and the look-ups below, which the app calls before it
--                  knows who is asking. FORCE holds for it too: a look-up sees the one row whose
--                  secret it was given (app.lookup), and then that person's.
--   identity_work  sees all: relay, letters, keys, sweeping.

CREATE TABLE users (
	id             text        PRIMARY KEY,
	email          text        NOT NULL UNIQUE, -- in lower case
	email_verified boolean     NOT NULL DEFAULT false,
	name           text        NOT NULL,
	image          text,
	time_zone      text        NOT NULL,
	locale         text        NOT NULL,
	week_start     text        NOT NULL,
	version        bigint      NOT NULL,
	created_at     timestamptz NOT NULL,
	updated_at     timestamptz NOT NULL
);

CREATE TABLE accounts (
	user_id    text        PRIMARY KEY REFERENCES users ON DELETE CASCADE,
	id         text        NOT NULL UNIQUE,
	password   text        NOT NULL, -- a PHC string of argon2id, or better-auth's scrypt
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL
);

CREATE TABLE sessions (
	id         text        PRIMARY KEY,
	user_id    text        NOT NULL REFERENCES users ON DELETE CASCADE,
	token_hash bytea       NOT NULL UNIQUE, -- SHA-256
	ip_address text        NOT NULL,
	user_agent text        NOT NULL,
	brief      boolean     NOT NULL, -- not remembered: one day, never prolonged
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX ON sessions (user_id);
CREATE INDEX ON sessions (expires_at);

-- Tokens of letters that lead to a new password.
CREATE TABLE verifications (
	token_hash bytea       PRIMARY KEY, -- SHA-256
	user_id    text        NOT NULL REFERENCES users ON DELETE CASCADE,
	expires_at timestamptz NOT NULL
);
CREATE INDEX ON verifications (user_id);

CREATE TABLE api_tokens (
	id         uuid        PRIMARY KEY, -- version 7: later ones sort later
	user_id    text        NOT NULL REFERENCES users ON DELETE CASCADE,
	name       text        NOT NULL,
	scopes     text        NOT NULL, -- with a space between
	token_hash bytea       NOT NULL UNIQUE, -- SHA-256
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	used_at    timestamptz -- to the hour or so
);
CREATE INDEX ON api_tokens (user_id, id);

-- Answers that a repeated Idempotency-Key gets again. They hold a secret, and are sealed.
CREATE TABLE idempotency_keys (
	user_id    text        NOT NULL REFERENCES users ON DELETE CASCADE,
	key        text        NOT NULL,
	request    bytea       NOT NULL, -- SHA-256
	answer     text        NOT NULL,
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (user_id, key)
);

-- Letters to be written and sent. They hold no secret: links are made when they are written.
CREATE TABLE mails (
	id         uuid        PRIMARY KEY, -- also the Message-ID
	kind       text        NOT NULL,
	email      text        NOT NULL, -- perhaps nobody's: only who sends it looks
	new_email  text        NOT NULL,
	back       text        NOT NULL,
	created_at timestamptz NOT NULL,
	due_at     timestamptz NOT NULL,
	attempts   integer     NOT NULL DEFAULT 0
);
CREATE INDEX ON mails (due_at);

-- Signing keys, see package key. The private part is sealed under SECRET_KEY_FILE.
CREATE TABLE jwks (
	id          text        PRIMARY KEY, -- kid
	public_key  bytea       NOT NULL,
	private_key text        NOT NULL,
	created_at  timestamptz NOT NULL,
	signs_from  timestamptz NOT NULL,
	expires_at  timestamptz
);

-- How often something was tried, see package limit. Not worth a WAL record: after a crash of
-- the database everybody has their tries again. Keys are hashes.
CREATE UNLOGGED TABLE limits (
	key   text        PRIMARY KEY,
	hits  integer     NOT NULL,
	since timestamptz NOT NULL
);

REVOKE ALL ON jwks FROM identity_app;
REVOKE ALL ON mails FROM identity_app;
GRANT INSERT ON mails TO identity_app;

DO $$
DECLARE
	name   text;
	person text;
BEGIN
	FOR name, person IN VALUES ('users', 'id'), ('accounts', 'user_id'), ('sessions', 'user_id'),
		('verifications', 'user_id'), ('api_tokens', 'user_id'), ('idempotency_keys', 'user_id')
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format($policy$
			CREATE POLICY own ON %I TO identity_app, identity_owner
			USING (%I = current_setting('app.user_id', true))
			WITH CHECK (%2$I = current_setting('app.user_id', true))$policy$, name, person);
		EXECUTE format('CREATE POLICY every ON %I TO identity_work USING (true)', name);
	END LOOP;
END $$;

CREATE POLICY known ON users FOR SELECT TO identity_owner
	USING (email = current_setting('app.lookup', true));
CREATE POLICY known ON sessions FOR SELECT TO identity_owner
	USING (encode(token_hash, 'hex') = current_setting('app.lookup', true));
CREATE POLICY known ON verifications FOR SELECT TO identity_owner
	USING (encode(token_hash, 'hex') = current_setting('app.lookup', true));
CREATE POLICY known ON api_tokens FOR SELECT TO identity_owner
	USING (encode(token_hash, 'hex') = current_setting('app.lookup', true));

-- Each look-up answers a person's id for a secret, and nothing else. What it sets ends with it.
CREATE FUNCTION user_of_email(wanted text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', wanted, true);
	SELECT id INTO found FROM users WHERE email = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

CREATE FUNCTION user_of_session(wanted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM sessions WHERE token_hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

CREATE FUNCTION user_of_verification(wanted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM verifications WHERE token_hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

CREATE FUNCTION user_of_api_token(wanted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
DECLARE found text;
BEGIN
	PERFORM set_config('app.lookup', encode(wanted, 'hex'), true);
	SELECT user_id INTO found FROM api_tokens WHERE token_hash = wanted;
	PERFORM set_config('app.lookup', '', true);
	RETURN found;
END $$;

REVOKE ALL ON FUNCTION user_of_email, user_of_session, user_of_verification, user_of_api_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_of_email, user_of_session, user_of_verification, user_of_api_token TO identity_app;
