-- What a webhook was asked for under its Idempotency-Key, as a hash: it may have changed since.
ALTER TABLE webhooks ADD COLUMN asked bytea;
