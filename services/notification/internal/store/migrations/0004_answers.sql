-- What was answered under an Idempotency-Key, and until when it is answered again.
CREATE TABLE answers (
	user_id text        NOT NULL,
	key     text        NOT NULL,
	print   bytea       NOT NULL, -- of the request
	answer  bytea       NOT NULL,
	until   timestamptz NOT NULL,
	PRIMARY KEY (user_id, key)
);
CREATE INDEX answers_until ON answers (until);
ALTER TABLE answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE answers FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON answers TO notification_app USING (user_id = current_setting('app.user_id', true))
	WITH CHECK (user_id = current_setting('app.user_id', true));
CREATE POLICY every ON answers TO notification_work USING (true) WITH CHECK (true);
