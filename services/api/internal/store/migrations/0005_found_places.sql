-- What is searched also has what lists are narrowed to and ordered by, as it stands in tasks: what is
-- found is counted and put in order where it is found, without a look at each task. A row has room
-- for its next version beside it, which then costs no index anything.
ALTER TABLE task_search
	ADD COLUMN title_key    text COLLATE "C" NOT NULL DEFAULT '',
	ADD COLUMN completed_at timestamptz,
	ADD COLUMN priority     smallint NOT NULL DEFAULT 0,
	ADD COLUMN due_at       timestamptz,
	ADD COLUMN seq          bigint NOT NULL DEFAULT 0,
	ADD COLUMN created_at   timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN updated_at   timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN deleted_at   timestamptz,
	SET (fillfactor = 85);

-- The keys of a person's texts: whose they are is what each part is hashed with, so that an index of
-- them has what is one person's together, and finds it as fast whatever others have.
CREATE FUNCTION keys_of(whose text, parts text[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	AS $$ SELECT array_agg(hashtextextended(part, hashtextextended(whose, 0))) FROM unnest(parts) part $$;

-- Those of a text and its tags: of each trigram, and of each tag behind a #, which no trigram has. The
-- function costs what some hundred comparisons do; plans that would call it for each row are told so.
CREATE FUNCTION search_keys(whose text, words text, labels text[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS $$ SELECT array_agg(hashtextextended(part, hashtextextended(whose, 0)))
		FROM (SELECT unnest(public.show_trgm(words)) AS part UNION ALL SELECT '#' || unnest(labels)) parts $$;

DROP INDEX task_search_by_gram;
DROP INDEX task_search_by_tag;
ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY; -- for the owner, who fills in
UPDATE task_search s SET title_key = t.title_key, completed_at = t.completed_at, priority = t.priority, due_at = t.due_at,
	seq = t.seq, created_at = t.created_at, updated_at = t.updated_at, deleted_at = t.deleted_at
	FROM tasks t WHERE t.user_id = s.user_id AND t.id = s.task_id;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
-- Every search goes through the list of what was written lately: at most a megabyte, some 1,500 tasks.
CREATE INDEX task_search_by_key ON task_search USING gin (search_keys(user_id, text, tags)) WITH (gin_pending_list_limit = 1024);
