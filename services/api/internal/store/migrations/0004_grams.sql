-- The trigrams of a text, each behind whose it is: what an index of them has of one person lies
-- together, and is found as fast whatever others have. The function costs what some hundred
-- comparisons do; plans that would call it for each row are told so.
CREATE FUNCTION task_grams(whose text, words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
	AS $$ SELECT array_agg(whose || gram) FROM unnest(public.show_trgm(words)) gram $$;

CREATE INDEX task_search_by_gram ON task_search USING gin (task_grams(user_id, text));
DROP INDEX task_search_by_text;
