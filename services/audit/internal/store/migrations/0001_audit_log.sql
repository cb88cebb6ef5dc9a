-- The trail. Its key is the event's id, which makes a redelivery harmless. The ids are
-- UUIDv7, whose first 48 bits are the time, so a month is a range of them, and its partition
-- is dropped whole when its time is over.
CREATE TABLE audit_log (
	event_id   uuid        PRIMARY KEY,
	at         timestamptz NOT NULL, -- when it happened, as the event says
	user_id    text        COLLATE "C" NOT NULL, -- whose it is
	task_id    uuid,
	event_type text        COLLATE "C" NOT NULL,
	content    bytea       -- the event's message, as it was on the log; NULL once it was erased
) PARTITION BY RANGE (event_id);
-- The type stands last so that a list of some types is filtered in the index.
CREATE INDEX audit_log_by_person ON audit_log (user_id, at, event_id, event_type);
CREATE INDEX audit_log_by_task ON audit_log (task_id, at, event_id) WHERE task_id IS NOT NULL;

-- Those who deleted themselves. What is told of them later is written without its content.
CREATE TABLE erased (
	user_id text        COLLATE "C" PRIMARY KEY,
	at      timestamptz NOT NULL DEFAULT now()
);

-- Requests read one person's rows, the consumer adds rows, and nobody does anything else.
REVOKE ALL ON audit_log, erased, migrations FROM audit_app, audit_work;
GRANT SELECT ON audit_log TO audit_app;
GRANT SELECT, INSERT ON audit_log TO audit_work;
GRANT SELECT ON erased TO audit_work;
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON audit_log FOR SELECT TO audit_app, audit_owner USING (user_id = current_setting('app.user_id', true));
CREATE POLICY every ON audit_log FOR SELECT TO audit_work USING (true);
CREATE POLICY added ON audit_log FOR INSERT TO audit_work WITH CHECK (true);
CREATE POLICY erased ON audit_log FOR UPDATE TO audit_owner USING (user_id = current_setting('app.user_id', true));

-- Beside the grants: also of a role that has them, a superuser too, no row is changed. The one
-- that may is the owner, and only in the functions below: it takes a person's content away,
-- and removes rows that are past their time.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_user = 'audit_owner' THEN
		IF TG_OP = 'DELETE' THEN
			RETURN OLD;
		ELSIF TG_OP = 'UPDATE' AND NEW.content IS NULL
			AND (NEW.event_id, NEW.at, NEW.user_id, NEW.task_id, NEW.event_type)
			IS NOT DISTINCT FROM (OLD.event_id, OLD.at, OLD.user_id, OLD.task_id, OLD.event_type) THEN
			RETURN NEW;
		END IF;
	END IF;
	RAISE EXCEPTION 'the trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- shield makes a new partition as closed as the whole: it is reached through that alone.
CREATE FUNCTION shield(part text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('REVOKE ALL ON %I FROM audit_app, audit_work', part);
	EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', part);
END $$;

-- What no month takes: an id that is no UUIDv7, or a month that nobody prepared.
CREATE TABLE audit_log_other PARTITION OF audit_log DEFAULT;
SELECT shield('audit_log_other');

-- first_id is the lowest UUIDv7 of an instant.
CREATE FUNCTION first_id(instant timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
	SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- upkeep makes the partitions of the months around now, drops those that ended before oldest,
-- and removes up to most rows before oldest from the one that is for no month. It returns how
-- many those were.
CREATE FUNCTION upkeep(oldest timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
	month timestamptz;
	part  text;
	n     integer;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('audit.upkeep', 0));
	FOR month IN SELECT generate_series(date_trunc('month', now()) - interval '1 month', now() + interval '3 months', interval '1 month') LOOP
		part := 'audit_log_' || to_char(month, 'YYYY_MM');
		CONTINUE WHEN to_regclass(part) IS NOT NULL OR month + interval '1 month' <= oldest;
		BEGIN
			EXECUTE format('CREATE TABLE %I PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L)',
				part, first_id(month), first_id(month + interval '1 month'));
			PERFORM shield(part);
		EXCEPTION WHEN check_violation THEN
			NULL; -- the other one has rows of that month already, and goes on with it
		END;
	END LOOP;
	FOR part IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
		WHERE inhparent = 'audit_log'::regclass AND relname ~ '^audit_log_\d{4}_\d{2}$' LOOP
		IF to_timestamp(right(part, 7), 'YYYY_MM') + interval '1 month' <= oldest THEN
			EXECUTE format('DROP TABLE %I', part);
		END IF;
	END LOOP;
	DELETE FROM audit_log_other WHERE event_id IN (SELECT event_id FROM audit_log_other WHERE at < oldest LIMIT most);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;

-- Erasing takes three steps, a transaction each: forget says that a person is gone, settle
-- waits for those that add rows and may not have seen that, erase takes the content of up to
-- most rows away and returns how many those were.
CREATE FUNCTION forget(person text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
	INSERT INTO erased (user_id) VALUES (person) ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
	LOCK TABLE audit_log IN SHARE MODE; -- waits for every INSERT that has begun
END $$;
CREATE FUNCTION erase(person text, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
DECLARE n integer;
BEGIN
	PERFORM set_config('app.user_id', person, true);
	UPDATE audit_log SET content = NULL WHERE event_id IN (
		SELECT event_id FROM audit_log WHERE user_id = person AND content IS NOT NULL LIMIT most);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;
REVOKE ALL ON FUNCTION shield(text), upkeep(timestamptz, integer), forget(text), settle(), erase(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION upkeep(timestamptz, integer), forget(text), settle(), erase(text, integer) TO audit_work;
SELECT upkeep('-infinity', 0);
