BEGIN \; SET LOCAL app.user_id = 'pgbench-:client_id' \; SELECT pg_advisory_xact_lock(hashtextextended('api.people/pgbench-:client_id', 0)) \; SELECT coalesce(max(seq), 0) + 1 AS seq FROM people WHERE user_id = current_setting('app.user_id') \gset
WITH told AS (
	INSERT INTO outbox_0 (shard, topics, key, headers, value) VALUES
		(abs(hashtext('pgbench-:client_id')) % 8, '{bench}', 'pgbench-:client_id', convert_to(repeat('header', 60), 'UTF8'), convert_to(repeat('value ', 60), 'UTF8'))
), counted AS (
	INSERT INTO people (user_id, seq) VALUES ('pgbench-:client_id', :seq)
	ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq
), id AS (
	SELECT uuidv7() AS id
), kept AS (
	INSERT INTO task_changes (user_id, seq, event_id, type, task_id, version, before, actor_type, request_id, at)
	SELECT 'pgbench-:client_id', :seq, uuidv7(), 'task.created', id.id, 1, NULL, 'user', 'request-1', now() FROM id
), searched AS (
	INSERT INTO task_search AS s (user_id, task_id, text, tags, title_key, completed_at, priority, due_at, seq, created_at, updated_at, deleted_at)
	SELECT 'pgbench-:client_id', id.id, E'pay rent\n\nhome', '{home}', 'pay rent', NULL, 1, '2030-12-31 08:00+00', :seq, now(), now(), NULL FROM id
	ON CONFLICT (user_id, task_id) DO UPDATE SET text = EXCLUDED.text
)
INSERT INTO tasks AS t (user_id, id, title, title_key, description, completed_at, priority, tags,
	due_wall, due_timed, due_at, time_zone, version, seq, created_at, updated_at, deleted_at, reminders, rings_at, series, series_id, series_place)
SELECT 'pgbench-:client_id', id.id, 'Pay rent', 'pay rent', '', NULL, 1, '{home}',
	'2030-12-31 09:00', true, '2030-12-31 08:00+00', '', 1, :seq, now(), now(), NULL, '[]', NULL, NULL, NULL, NULL FROM id;
COMMIT;
