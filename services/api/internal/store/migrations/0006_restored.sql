-- What `provision restored` calls after a backup was read in. Between the backup and the loss people went on: the log, the
-- scheduler, and pages have numbers of theirs that this database is about to give again. So each person's sequence leaps
-- beyond any of those. A page that shows what is lost is then told to fetch all, and the timer of each reminder that
-- pends counts as newer than what the scheduler knows: a cancel that was lost, too.
CREATE FUNCTION restored() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	ALTER TABLE people NO FORCE ROW LEVEL SECURITY; -- where the owner calls it
	ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
	UPDATE people SET seq = seq + (1 << 30), forgotten_seq = seq + (1 << 30);
	UPDATE tasks t SET reminders = (
		SELECT jsonb_agg(CASE WHEN r ->> 'Status' = 'scheduled' THEN jsonb_set(r, '{Rev}', to_jsonb(p.seq)) ELSE r END ORDER BY place)
		FROM jsonb_array_elements(t.reminders) WITH ORDINALITY AS all_of_it (r, place))
	FROM people p WHERE p.user_id = t.user_id AND t.rings_at IS NOT NULL;
	ALTER TABLE people FORCE ROW LEVEL SECURITY;
	ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
END $$;
REVOKE ALL ON FUNCTION restored() FROM PUBLIC;
