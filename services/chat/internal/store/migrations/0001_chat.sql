-- What events told of people, and how many turns they may begin now.
CREATE TABLE people (
	user_id      text PRIMARY KEY,
	time_zone    text    NOT NULL DEFAULT '',
	locale       text    NOT NULL DEFAULT '',
	version      bigint  NOT NULL DEFAULT 0, -- of the last event
	gone         boolean NOT NULL DEFAULT false, -- the person deleted themselves: nothing may come back
	allowance    double precision, -- turns that may begin at once, as of allowance_at; NULL: as many as anybody
	allowance_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE conversations (
	id         uuid PRIMARY KEY, -- UUIDv7, so that they are in the order of their beginning
	user_id    text NOT NULL,
	title      text NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	memory     json, -- the planner's
	pending    json, -- calls that wait for the person's yes
	-- The lease of the turn that runs. Past turn_until it is nobody's.
	turn_id    uuid,
	turn_until timestamptz,
	turn_stop  boolean NOT NULL DEFAULT false
);
CREATE INDEX conversations_of ON conversations (user_id, id);

-- What was said. The id of an answer is its turn's.
CREATE TABLE messages (
	id              uuid PRIMARY KEY,
	conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
	user_id         text NOT NULL,
	n               integer NOT NULL, -- its place in the conversation
	role            text NOT NULL,
	parts           json NOT NULL,    -- as the npm package ai writes a UIMessage's
	status          text NOT NULL,
	replaced        boolean NOT NULL DEFAULT false, -- by another answer
	created_at      timestamptz NOT NULL,
	-- Of answers.
	request_id      text,
	memory_before   json,
	once            text,  -- the Idempotency-Key of its request
	print           bytea, -- tells that request's body from another
	UNIQUE (conversation_id, n)
);
CREATE UNIQUE INDEX messages_once ON messages (user_id, once) WHERE once IS NOT NULL;

-- What consumers write of people, requests only read; but for the allowance.
REVOKE UPDATE, INSERT, DELETE ON people FROM chat_app;
GRANT INSERT (user_id, allowance, allowance_at), UPDATE (allowance, allowance_at) ON people TO chat_app;

-- The second wall: requests see the rows of one person, whatever their queries say.
DO $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['people', 'conversations', 'messages'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY own ON %I TO chat_app USING (user_id = current_setting(''app.user_id'', true))
			WITH CHECK (user_id = current_setting(''app.user_id'', true))', name);
		EXECUTE format('CREATE POLICY every ON %I TO chat_work USING (true) WITH CHECK (true)', name);
	END LOOP;
END $$;
