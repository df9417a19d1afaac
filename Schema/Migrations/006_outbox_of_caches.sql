-- What the caches must be told of: owned by TimelineService. Further kinds of the outbox:
--   edit    a post was changed or deleted
--   user    a user was changed
-- A row is dealt with by the instance that wrote it; another one does so only where that instance has died.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox DROP CONSTRAINT outbox_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('post', 'follow', 'edit', 'user'));
ALTER TABLE outbox ADD CONSTRAINT outbox_check CHECK ((post_id IS NOT NULL) = (kind IN ('post', 'edit')));

-- Who was followed, or is not any more.
ALTER TABLE outbox ADD COLUMN other_id bigint;
