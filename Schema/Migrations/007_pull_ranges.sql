-- Posts that are not pushed to followers but merged when timelines are read: owned by TimelineService. A range holds the posts of an author from from_post
-- to until_post, or from from_post on while it is open. Once the posts of a closed range are pushed too, the row goes.
CREATE TABLE pull_ranges (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author      bigint NOT NULL REFERENCES users (id),
    from_post   bigint NOT NULL,
    until_post  bigint CHECK (until_post >= from_post),
    reason      text NOT NULL CHECK (reason IN ('audience', 'lag')),
    opened_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE UNIQUE INDEX pull_ranges_open ON pull_ranges (author) WHERE until_post IS NULL;

-- Further kinds of the outbox:
--   pull      pull ranges have changed, and the caches must be told
--   backfill  a range was closed, and its posts must be pushed: other_id is the range
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('post', 'follow', 'edit', 'user', 'pull', 'backfill'));
