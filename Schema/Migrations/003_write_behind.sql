-- What the flush needs to be exactly once for ever, within bounds, and to be watched.

-- Raised when Redis may hold what no flush will correct: every visible value is then loaded anew.
CREATE TABLE visible_epoch (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch     bigint NOT NULL
);

INSERT INTO visible_epoch (epoch) VALUES (1);

-- retired_before: ledger rows of producers that were made before it may be gone. An envelope of such a producer that the
-- ledger does not know is put aside, as nobody can tell whether it was applied.
-- envelopes, amount: how many envelopes were ever applied, and what all of them added to all slots of the partition.
ALTER TABLE flush_partitions
    ADD COLUMN retired_before  timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN envelopes       bigint NOT NULL DEFAULT 0,
    ADD COLUMN amount          numeric NOT NULL DEFAULT 0;

UPDATE flush_partitions p SET
    envelopes = coalesce((SELECT sum(upper(r) - lower(r)) FROM flush_ledger l, unnest(l.applied) r WHERE l.partition = p.partition), 0),
    amount = coalesce((SELECT sum(s.value) FROM counter_slots s WHERE s.partition = p.partition), 0);

-- reborn: of a retired producer, of which an operator has had single envelopes applied: the others are still put aside.
ALTER TABLE flush_ledger ADD COLUMN reborn boolean NOT NULL DEFAULT false;
ALTER TABLE flush_ledger SET (fillfactor = 70);

-- The audit goes through the posts in the order of their ids, from either side.
CREATE INDEX counter_slots_of_posts ON counter_slots ((key::bigint)) WHERE name = '@likes';

-- Which FlushWorkers are alive: they share the partitions among them.
CREATE TABLE flush_workers (
    worker   uuid PRIMARY KEY,
    seen_at  timestamptz NOT NULL DEFAULT now()
);

-- Envelopes that cannot be applied, with their content and the reason. producer and sequence are null where the content
-- cannot be read. digest: SHA-256 of the content, so that a message that comes twice is put aside once.
CREATE TABLE flush_parked (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partition  integer NOT NULL,
    producer   uuid,
    sequence   bigint,
    digest     bytea NOT NULL,
    content    bytea NOT NULL,
    reason     text NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (partition, digest)
);

CREATE INDEX flush_parked_by_producer ON flush_parked (producer, partition);

-- What was added to a counter in a minute, by the time at which the writes were accepted; older minutes are rolled up
-- into hours.
CREATE TABLE counter_minutes (
    name       text NOT NULL,
    minute     timestamptz NOT NULL,
    key        text NOT NULL,
    partition  integer NOT NULL,
    amount     bigint NOT NULL,
    PRIMARY KEY (name, minute, key, partition)
) WITH (fillfactor = 70);

CREATE INDEX counter_minutes_by_age ON counter_minutes (partition, minute);

CREATE TABLE counter_hours (
    name       text NOT NULL,
    hour       timestamptz NOT NULL,
    key        text NOT NULL,
    partition  integer NOT NULL,
    amount     bigint NOT NULL,
    PRIMARY KEY (name, hour, key, partition)
);

CREATE INDEX counter_hours_by_age ON counter_hours (partition, hour);

-- What the audit found wrong and put right.
CREATE TABLE counter_corrections (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    key           text NOT NULL,
    partition     integer NOT NULL,
    amount        bigint NOT NULL,
    reason        text NOT NULL,
    corrected_at  timestamptz NOT NULL DEFAULT now()
);

-- What an Idempotency-Key was used for, so that its use for another request is told apart from a repeat.
ALTER TABLE counter_requests ADD COLUMN counter_name text, ADD COLUMN counter_key text, ADD COLUMN amount bigint;
