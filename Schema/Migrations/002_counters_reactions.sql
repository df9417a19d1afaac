-- Counters, reactions and the ledger of the flush: owned by FlushWorker, read by CounterService.

-- A counter's value is the sum of its slots; a slot is written by the one consumer of its partition, so no row is
-- contended. version: the batch of that partition that wrote it last.
CREATE TABLE counter_slots (
    name       text NOT NULL,
    key        text NOT NULL,
    partition  integer NOT NULL,
    value      bigint NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (name, key, partition)
) WITH (fillfactor = 70);

-- The state of a (user, post) pair. The highest version wins, whatever the order of arrival; an unlike stays as a row,
-- so that a late like below it cannot come back.
CREATE TABLE reactions (
    user_id  bigint NOT NULL,
    post_id  bigint NOT NULL,
    liked    boolean NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (user_id, post_id)
);

CREATE INDEX reactions_by_post ON reactions (post_id) WHERE liked;

-- One row per partition: its lock makes a second writer wait, its version numbers the batches.
CREATE TABLE flush_partitions (
    partition  integer PRIMARY KEY,
    version    bigint NOT NULL DEFAULT 0
);

-- Which envelopes of a producer are applied: a contiguous watermark and the gaps above it are one multirange. No time
-- window, so an envelope that comes back a week later is still known.
CREATE TABLE flush_ledger (
    partition   integer NOT NULL,
    producer    uuid NOT NULL,
    applied     int8multirange NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, producer)
);

-- One effect per (user, Idempotency-Key) of a counter.
CREATE TABLE counter_requests (
    user_id     bigint NOT NULL,
    key         text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);

CREATE INDEX counter_requests_by_age ON counter_requests (created_at);
