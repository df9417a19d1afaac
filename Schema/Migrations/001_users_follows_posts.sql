-- Users, follows, posts and the outbox: owned by TimelineService.

CREATE TABLE users (
    id          bigint PRIMARY KEY CHECK (id > 0 AND id < 9007199254740992),
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE follows (
    follower    bigint NOT NULL REFERENCES users (id),
    followee    bigint NOT NULL REFERENCES users (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (follower, followee),
    CHECK (follower <> followee)
);

-- Fan-out pages through an author's followers by key.
CREATE INDEX follows_by_followee ON follows (followee, follower);

CREATE SEQUENCE post_sequence;

-- Ids are below 2^53 and ordered by creation time: 41 bits of milliseconds since 2025-01-01 UTC (until 2094), then 12
-- bits of a sequence, so that instances never collide.
CREATE FUNCTION next_post_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000) << 12)
        | (nextval('post_sequence') & 4095)
$$;

CREATE TABLE posts (
    id          bigint PRIMARY KEY DEFAULT next_post_id(),
    author      bigint NOT NULL REFERENCES users (id),
    text        text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 5000),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    edited_at   timestamptz,
    deleted_at  timestamptz
);

CREATE INDEX posts_by_author ON posts (author, id DESC) WHERE deleted_at IS NULL;

-- What must be told to others once the transaction that wrote it has committed: at least once.
--   post    the post must be fanned out: published as a job, with confirms, and then deleted
--   follow  the user's home timeline was built with other follows and must be forgotten; the instance that wrote the
--           row does so at once and then lets the relay delete it, another one only where that instance died
CREATE TABLE outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('post', 'follow')),
    user_id       bigint NOT NULL,
    post_id       bigint CHECK ((post_id IS NOT NULL) = (kind = 'post')),
    trace_parent  text,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- One answer per (user, Idempotency-Key): a repeat of a POST gives the post that the first one made.
CREATE TABLE post_requests (
    user_id       bigint NOT NULL,
    key           text NOT NULL,
    request_hash  bytea NOT NULL,
    post_id       bigint NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);

CREATE INDEX post_requests_by_age ON post_requests (created_at);
