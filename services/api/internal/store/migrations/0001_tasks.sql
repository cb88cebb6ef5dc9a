-- A person's sequence: seq counts what happened to their tasks, without a gap. All writes of
-- one person happen one after another, see write in tasks.go.
CREATE TABLE people (
	user_id       text   PRIMARY KEY,
	seq           bigint NOT NULL DEFAULT 0,
	forgotten_seq bigint NOT NULL DEFAULT 0, -- the highest of a task that the trash gave up for ever
	time_zone     text,                      -- as a user event told it; NULL until one has
	told_version  bigint NOT NULL DEFAULT 0, -- of the last user event
	gone          boolean NOT NULL DEFAULT false -- the person deleted themselves: nothing may come back
);

CREATE TABLE tasks (
	user_id      text   NOT NULL,
	id           uuid   NOT NULL,
	title        text   NOT NULL,
	title_key    text   COLLATE "C" NOT NULL, -- folded, to order by
	description  text   NOT NULL,
	completed_at timestamptz,
	priority     smallint NOT NULL, -- its rank
	tags         text[] NOT NULL,
	due_wall     timestamp,         -- the wall clock; of a date, its midnight
	due_timed    boolean NOT NULL,
	due_at       timestamptz,       -- the instant, in the zone in force
	time_zone    text   NOT NULL,   -- '' floats with the person
	reminders    jsonb  NOT NULL,   -- of package task, as Go writes them
	rings_at     timestamptz,       -- the first of the reminders that are scheduled
	series       jsonb,             -- of package task; NULL for what does not recur
	series_id    uuid,
	series_place text,              -- its place there: the series' version and the date that the rule gave
	version      bigint NOT NULL,
	seq          bigint NOT NULL,   -- of the person, at the last change
	created_at   timestamptz NOT NULL,
	updated_at   timestamptz NOT NULL,
	deleted_at   timestamptz,
	PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX tasks_by_seq ON tasks (user_id, seq);
CREATE INDEX tasks_by_due ON tasks (user_id, due_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_open_by_due ON tasks (user_id, due_at, id) WHERE deleted_at IS NULL AND completed_at IS NULL;
CREATE INDEX tasks_by_priority ON tasks (user_id, priority, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_created ON tasks (user_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_updated ON tasks (user_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_title ON tasks (user_id, title_key, id) WHERE deleted_at IS NULL;
-- One task a series and place, the trash included: what makes a repeated command harmless.
CREATE UNIQUE INDEX tasks_of_series ON tasks (user_id, series_id, series_place) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_open_of_series ON tasks (user_id, series_id)
	WHERE series_id IS NOT NULL AND completed_at IS NULL AND deleted_at IS NULL;
CREATE INDEX tasks_to_ring ON tasks (rings_at) WHERE rings_at IS NOT NULL;
CREATE INDEX tasks_in_trash ON tasks (deleted_at) WHERE deleted_at IS NOT NULL;

-- What is searched. It has no row-level policy, because full-text and trigram operators are
-- not leakproof and a policy would keep them out of the index. It is only read for the ids
-- of one person's hits, and joined to tasks, whose policy decides about each row.
CREATE TABLE task_search (
	user_id text   NOT NULL,
	task_id uuid   NOT NULL,
	text    text   NOT NULL, -- folded title, description and tags
	tags    text[] NOT NULL, -- folded
	PRIMARY KEY (user_id, task_id)
);
CREATE INDEX task_search_by_text ON task_search USING gin (user_id, text gin_trgm_ops);
CREATE INDEX task_search_by_tag ON task_search USING gin (user_id, tags);

-- What a task was before each change, for 30 days: for undo, and for lists that are read
-- while somebody writes.
CREATE TABLE task_changes (
	user_id    text   NOT NULL,
	seq        bigint NOT NULL,
	event_id   uuid   NOT NULL,
	type       text   NOT NULL,
	task_id    uuid   NOT NULL,
	version    bigint NOT NULL, -- after the change
	before     jsonb,           -- the row of tasks; NULL where there was none
	actor_type text   NOT NULL,
	request_id text   NOT NULL,
	at         timestamptz NOT NULL,
	undoes     uuid,                           -- the event that this one took back
	undone     boolean     NOT NULL DEFAULT false,
	PRIMARY KEY (user_id, seq)
);
CREATE UNIQUE INDEX task_changes_by_event ON task_changes (user_id, event_id);
CREATE INDEX task_changes_by_request ON task_changes (user_id, request_id);
CREATE INDEX task_changes_by_age ON task_changes (at);

-- Events of others that had their effect, so that a redelivered one has none. Kept longer
-- than their topics.
CREATE TABLE inbox (
	event_id uuid PRIMARY KEY,
	at       timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON inbox FROM api_app;
CREATE INDEX inbox_by_age ON inbox (at);

CREATE TABLE idempotency_keys (
	user_id    text  NOT NULL,
	key        text  NOT NULL,
	print      bytea NOT NULL, -- SHA-256 of the request
	result     jsonb NOT NULL,
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (expires_at);

-- The second wall: requests see the rows of one person, whatever their queries say.
DO $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['people', 'tasks', 'task_changes', 'idempotency_keys'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY own ON %I TO api_app USING (user_id = current_setting(''app.user_id'', true))
			WITH CHECK (user_id = current_setting(''app.user_id'', true))', name);
		EXECUTE format('CREATE POLICY every ON %I TO api_work USING (true) WITH CHECK (true)', name);
	END LOOP;
END $$;
