-- What events told of people. Preferences are apart, since people write those themselves.
CREATE TABLE people (
	user_id          text   PRIMARY KEY,
	email            text   NOT NULL DEFAULT '',
	name             text   NOT NULL DEFAULT '',
	time_zone        text   NOT NULL DEFAULT '',
	locale           text   NOT NULL DEFAULT '',
	version          bigint NOT NULL DEFAULT 0, -- of the last event
	unsubscribe      text,                      -- the secret in their mail, sealed
	unsubscribe_hash bytea  UNIQUE,             -- SHA-256 of it
	gone             boolean NOT NULL DEFAULT false -- the person deleted themselves: nothing may come back
);

CREATE INDEX people_gone ON people (user_id) WHERE gone;

CREATE TABLE preferences (
	user_id      text     PRIMARY KEY,
	channels     jsonb    NOT NULL, -- by kind, what the person chose
	quiet_from   smallint NOT NULL, -- minutes of the day
	quiet_to     smallint NOT NULL,
	quiet        boolean  NOT NULL,
	phone        text     NOT NULL,
	mail_stopped boolean  NOT NULL
);

-- Of tasks: whether they still remind, and when they are overdue.
CREATE TABLE tasks (
	user_id      text   NOT NULL,
	id           text   NOT NULL,
	version      bigint NOT NULL,
	title        text   NOT NULL,
	due          text   NOT NULL, -- as the task shows it
	due_at       timestamptz,
	urgent       boolean NOT NULL,
	closed_at    timestamptz,     -- done or deleted
	overdue_told timestamptz,     -- the due_at that somebody was told of, or was to be
	PRIMARY KEY (user_id, id)
);
CREATE INDEX tasks_to_be_overdue ON tasks (due_at)
	WHERE closed_at IS NULL AND due_at IS NOT NULL AND overdue_told IS DISTINCT FROM due_at;
CREATE INDEX tasks_closed ON tasks (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE notices (
	id         uuid PRIMARY KEY, -- UUIDv7, so that they are in the order of their making
	user_id    text NOT NULL,
	kind       text NOT NULL,
	task_id    text NOT NULL,
	title      text NOT NULL,
	due        text NOT NULL,
	urgent     boolean NOT NULL,
	in_app     boolean NOT NULL,
	created_at timestamptz NOT NULL,
	read_at    timestamptz,
	-- of a reminder
	timer_id   text,
	timer_rev  bigint,
	reminder   bytea, -- tickler.task.v1.Reminder
	version    bigint,
	ended      boolean
);
CREATE INDEX notices_shown ON notices (user_id, id) WHERE in_app;
CREATE INDEX notices_unread ON notices (user_id, id) WHERE in_app AND read_at IS NULL;

CREATE TABLE webhooks (
	id         uuid PRIMARY KEY,
	user_id    text NOT NULL,
	url        text NOT NULL,
	events     text[] NOT NULL, -- none means all
	enabled    boolean NOT NULL,
	secret     text NOT NULL,   -- sealed
	once       text,            -- the Idempotency-Key that it was made with
	created_at timestamptz NOT NULL,
	UNIQUE (user_id, once)
);
CREATE INDEX webhooks_of ON webhooks (user_id);

-- Intents to send. They are committed, sent, then recorded.
CREATE TABLE deliveries (
	id         uuid PRIMARY KEY,
	notice_id  uuid REFERENCES notices ON DELETE CASCADE,
	webhook_id uuid REFERENCES webhooks ON DELETE CASCADE,
	event_id   uuid,
	body       bytea,
	user_id    text NOT NULL,
	channel    text NOT NULL,
	status     text NOT NULL,
	attempts   integer NOT NULL,
	failures   integer NOT NULL,
	held       boolean NOT NULL,
	due_at     timestamptz NOT NULL, -- of the next attempt; while one is made, when it counts as lost
	expires_at timestamptz NOT NULL,
	rev        bigint NOT NULL,      -- of its timer
	reason     text NOT NULL,
	created_at timestamptz NOT NULL,
	settled_at timestamptz
);
CREATE INDEX deliveries_due ON deliveries (channel, due_at) WHERE status = 'pending';
CREATE INDEX deliveries_of_notice ON deliveries (notice_id);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

-- Browsers that take web push.
CREATE TABLE push_subscriptions (
	id         uuid PRIMARY KEY,
	user_id    text NOT NULL,
	endpoint   text NOT NULL,
	keys       text NOT NULL, -- p256dh and auth, sealed
	created_at timestamptz NOT NULL,
	UNIQUE (user_id, endpoint)
);

-- The key pair with which this house signs to push services, unless one is given to it.
CREATE TABLE push_keys (
	sole    boolean PRIMARY KEY DEFAULT true CHECK (sole),
	public  text NOT NULL,
	private text NOT NULL -- sealed
);

-- What had its effect: events by their id, timers by theirs and the rev. Kept longer than the
-- topics.
CREATE TABLE inbox (
	key text PRIMARY KEY,
	at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_by_age ON inbox (at);
REVOKE ALL ON inbox, tasks, push_keys FROM notification_app;
REVOKE INSERT, UPDATE, DELETE ON people FROM notification_app;

-- The second wall: requests see the rows of one person, whatever their queries say.
DO $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['people', 'preferences', 'notices', 'webhooks', 'deliveries', 'push_subscriptions', 'tasks'] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY own ON %I TO notification_app USING (user_id = current_setting(''app.user_id'', true))
			WITH CHECK (user_id = current_setting(''app.user_id'', true))', name);
		EXECUTE format('CREATE POLICY every ON %I TO notification_work USING (true) WITH CHECK (true)', name);
	END LOOP;
END $$;
