-- What a webhook is told of one task goes out in the order in which it was written.
ALTER TABLE deliveries
	ADD COLUMN task_id text,
	ADD COLUMN place   bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX deliveries_in_line ON deliveries (webhook_id, task_id, place) WHERE status = 'pending';

-- The first of the failures that no success came after.
ALTER TABLE webhooks ADD COLUMN failing_since timestamptz;
