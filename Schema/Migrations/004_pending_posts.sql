-- Posts that were accepted while the primary was away: owned by TimelineService.

-- How each of them ended, by the id of its message: for the status address, and so that a message that is delivered
-- again is recognised. user_id is null where the message could not be read; content is kept of what was refused.
CREATE TABLE pending_posts (
    id          uuid PRIMARY KEY,
    user_id     bigint,
    post_id     bigint,
    refusal     text,
    content     bytea,
    decided_at  timestamptz NOT NULL DEFAULT now(),
    CHECK ((post_id IS NULL) <> (refusal IS NULL))
);

CREATE INDEX pending_posts_by_age ON pending_posts (decided_at);

-- Everything that was queued before drained_until has ended. Nothing whose memory such a message may need is forgotten
-- before, and a message from before that has not ended is lost.
CREATE TABLE pending_horizon (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    drained_until  timestamptz NOT NULL
);

INSERT INTO pending_horizon (drained_until) VALUES (now());
