-- One row for each router process: the last number it wrote, to read it back (docs/routing.md).
CREATE TABLE canaries (
    id uuid PRIMARY KEY,
    value bigint NOT NULL,
    written_at timestamptz NOT NULL
) WITH (fillfactor = 50);
