-- The epoch is the name of this database's life. The relay's cursor, which lives in
-- Kafka, carries it, so that a cursor is never applied to another database's rows.
CREATE TABLE outbox_epoch (epoch uuid NOT NULL);
INSERT INTO outbox_epoch VALUES (gen_random_uuid());

-- Events are inserted into the three children of outbox in turn, five minutes each (see
-- child in outbox.go), and read through outbox. A child is emptied whole, by TRUNCATE, once
-- all of its rows were sent; if they were not, the next turn just adds to them. So
-- there is never an update, a dead row or a missing partition.
--
-- No policy narrows these tables to a person, though they hold everybody's events: whoever
-- serves requests may INSERT only, see the grants below, so nothing can be read there.
CREATE TABLE outbox (
	id      bigint      NOT NULL,
	xid     xid8        NOT NULL DEFAULT pg_current_xact_id(),
	shard   smallint    NOT NULL,
	topics  text[]      NOT NULL, -- one record on each
	key     text        NOT NULL,
	headers bytea       NOT NULL, -- see header.go
	value   bytea       NOT NULL,
	at      timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (false) NO INHERIT
);
CREATE SEQUENCE outbox_id OWNED BY outbox.id;
ALTER TABLE outbox ALTER id SET DEFAULT nextval('outbox_id');

-- Autovacuum would only stand in TRUNCATE's way: there are no dead rows, and the relay
-- does not leave its plan to statistics.
CREATE TABLE outbox_0 () INHERITS (outbox) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE outbox_1 () INHERITS (outbox) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE outbox_2 () INHERITS (outbox) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);

-- The one order in which rows are ever read.
CREATE INDEX ON outbox   (shard, xid, id);
CREATE INDEX ON outbox_0 (shard, xid, id);
CREATE INDEX ON outbox_1 (shard, xid, id);
CREATE INDEX ON outbox_2 (shard, xid, id);

-- Who relays which shard, and until when. The cursor that counts is the one in Kafka;
-- sent follows it, never ahead, so that rows behind it may go. purged is what sent was
-- when rows went for the last time: a cursor before it could skip some.
CREATE TABLE outbox_shards (
	shard      smallint    PRIMARY KEY,
	holder     text        NOT NULL DEFAULT '',
	epoch      bigint      NOT NULL DEFAULT 0, -- grows with every new holder
	held_until timestamptz NOT NULL DEFAULT '-infinity',
	sent_xid   xid8        NOT NULL DEFAULT '0',
	sent_id    bigint      NOT NULL DEFAULT 0,
	purged_xid xid8        NOT NULL DEFAULT '0',
	purged_id  bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO outbox_shards (shard) SELECT generate_series(0, 7);

-- The schema has the service's name, and the roles begin with it (pkg/postgres). By its
-- defaults both roles may read and change every new table; here less is right.
DO $$
DECLARE
	app  text := quote_ident(current_schema() || '_app');
	work text := quote_ident(current_schema() || '_work');
BEGIN
	EXECUTE format('REVOKE ALL ON outbox, outbox_0, outbox_1, outbox_2, outbox_epoch, outbox_shards FROM %s, %s', app, work);
	EXECUTE format('GRANT INSERT ON outbox_0, outbox_1, outbox_2 TO %s, %s', app, work);
	EXECUTE format('GRANT USAGE ON SEQUENCE outbox_id TO %s, %s', app, work);
	EXECUTE format('GRANT SELECT ON outbox, outbox_epoch TO %s', work);
	EXECUTE format('GRANT SELECT, TRUNCATE ON outbox_0, outbox_1, outbox_2 TO %s', work);
	EXECUTE format('GRANT SELECT, UPDATE ON outbox_shards TO %s', work);
END $$;
