namespace Floodgate.FlushWorker.Applying;

/// <summary>The statements of a flush. All of them take a batch at once, in sorted order, so that two never lock crosswise.</summary>
internal static class FlushSql
{
    /// <summary>
    /// Locks the partition until the commit and numbers the batch; gives also from when on the ledger knows every
    /// producer. $1 partition.
    /// </summary>
    public const string LockPartition = """
        INSERT INTO flush_partitions AS p (partition, version) VALUES ($1, 1)
        ON CONFLICT (partition) DO UPDATE SET version = p.version + 1
        RETURNING version, retired_before
        """;

    /// <summary>Which envelopes are applied. $1 partition, $2 producers, $3 sequences.</summary>
    public const string FindApplied = """
        SELECT i.producer, i.sequence FROM unnest($2::uuid[], $3::bigint[]) AS i (producer, sequence)
        JOIN flush_ledger l ON l.partition = $1 AND l.producer = i.producer
        WHERE l.applied @> i.sequence
        """;

    /// <summary>Which producers the ledger knows. $1 partition, $2 producers.</summary>
    public const string FindProducers = "SELECT producer FROM flush_ledger WHERE partition = $1 AND producer = ANY ($2::uuid[]) AND NOT reborn";

    /// <summary>
    /// Uses up Idempotency-Keys, with what for; gives those that were not used. $1 users, $2 keys, $3 names and $4 keys of
    /// the counters, $5 amounts.
    /// </summary>
    public const string UseRequests = """
        INSERT INTO counter_requests (user_id, key, counter_name, counter_key, amount)
        SELECT i.user_id, i.key, i.counter_name, i.counter_key, i.amount
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS i (user_id, key, counter_name, counter_key, amount)
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING
        RETURNING user_id, key
        """;

    /// <summary>The pairs as they are, locked. $1 users, $2 posts.</summary>
    public const string LockReactions = """
        SELECT r.user_id, r.post_id, r.liked FROM reactions r
        JOIN unnest($1::bigint[], $2::bigint[]) AS i (user_id, post_id) ON r.user_id = i.user_id AND r.post_id = i.post_id
        ORDER BY 1, 2
        FOR UPDATE OF r
        """;

    /// <summary>The pairs as they are. $1 users, $2 posts.</summary>
    public const string FindReactions = """
        SELECT r.user_id, r.post_id, r.liked, r.version FROM reactions r
        JOIN unnest($1::bigint[], $2::bigint[]) AS i (user_id, post_id) ON r.user_id = i.user_id AND r.post_id = i.post_id
        """;

    /// <summary>
    /// Writes pairs whose version is newer; gives those written, and whether the row is new (xmax is 0 in a row that was
    /// inserted and not updated). $1 users, $2 posts, $3 liked, $4 versions.
    /// </summary>
    public const string WriteReactions = """
        INSERT INTO reactions AS r (user_id, post_id, liked, version)
        SELECT i.user_id, i.post_id, i.liked, i.version
        FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[]) AS i (user_id, post_id, liked, version) ORDER BY 1, 2
        ON CONFLICT (user_id, post_id) DO UPDATE SET liked = excluded.liked, version = excluded.version
            WHERE r.version < excluded.version
        RETURNING r.user_id, r.post_id, r.liked, r.xmax = 0
        """;

    /// <summary>
    /// Adds to slots; gives each as it is now and the version it had (a statement sees its tables as they were before it).
    /// $1 partition, $2 version, $3 names, $4 keys, $5 amounts.
    /// </summary>
    public const string AddToSlots = """
        WITH input AS (
            SELECT i.name, i.key, i.amount FROM unnest($3::text[], $4::text[], $5::bigint[]) AS i (name, key, amount)),
        before AS (
            SELECT s.name, s.key, s.version FROM counter_slots s JOIN input i ON s.name = i.name AND s.key = i.key WHERE s.partition = $1),
        written AS (
            INSERT INTO counter_slots AS s (name, key, partition, value, version)
            SELECT i.name, i.key, $1, i.amount, $2 FROM input i ORDER BY 1, 2
            ON CONFLICT (name, key, partition) DO UPDATE SET value = s.value + excluded.value, version = excluded.version
            RETURNING s.name, s.key, s.value)
        SELECT w.name, w.key, w.value, coalesce(b.version, 0) FROM written w LEFT JOIN before b ON b.name = w.name AND b.key = w.key
        """;

    /// <summary>Enters envelopes into the ledger; neighbours become one range. $1 partition, $2 producers, $3 sequences.</summary>
    public const string EnterLedger = """
        INSERT INTO flush_ledger AS l (partition, producer, applied)
        SELECT $1, i.producer, range_agg(int8range(i.sequence, i.sequence + 1))
        FROM unnest($2::uuid[], $3::bigint[]) AS i (producer, sequence) GROUP BY i.producer ORDER BY i.producer
        ON CONFLICT (partition, producer) DO UPDATE SET applied = l.applied + excluded.applied, updated_at = now()
        """;

    /// <summary>The watermarks of the partition, with those of this transaction. $1 partition.</summary>
    public const string Watermarks = "SELECT w.watermarks FROM (" + VisibleValues.Watermarks.Sql + ") AS w WHERE w.partition = $1";

    /// <summary>Adds to minutes. $1 partition, $2 names, $3 minutes, $4 keys, $5 amounts.</summary>
    public const string AddToMinutes = """
        INSERT INTO counter_minutes AS m (name, minute, key, partition, amount)
        SELECT i.name, i.minute, i.key, $1, i.amount
        FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::bigint[]) AS i (name, minute, key, amount) ORDER BY 1, 2, 3
        ON CONFLICT (name, minute, key, partition) DO UPDATE SET amount = m.amount + excluded.amount
        """;

    /// <summary>Counts what was applied. $1 partition, $2 envelopes, $3 what was added to all slots.</summary>
    public const string CountApplied = "UPDATE flush_partitions SET envelopes = envelopes + $2, amount = amount + $3 WHERE partition = $1";

    /// <summary>
    /// What is applied is not aside any more: a redelivery was better than the first try. $1 partition, $2 producers,
    /// $3 sequences.
    /// </summary>
    public const string TakeFromParked = """
        DELETE FROM flush_parked p USING unnest($2::uuid[], $3::bigint[]) AS i (producer, sequence)
        WHERE p.partition = $1 AND p.producer = i.producer AND p.sequence = i.sequence
        """;

    /// <summary>
    /// Puts a message aside; gives its number where it was not there. $1 partition, $2 producer, $3 sequence, $4 digest,
    /// $5 content, $6 reason.
    /// </summary>
    public const string Park = """
        INSERT INTO flush_parked (partition, producer, sequence, digest, content, reason) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (partition, digest) DO NOTHING
        RETURNING id
        """;

    /// <summary>
    /// Slots as they are, with the watermarks of the same snapshot; one that does not exist is 0. $1 partition, $2 names, $3 keys.
    /// </summary>
    public const string FindSlots = "SELECT i.name, i.key, coalesce(s.value, 0), coalesce(s.version, 0), coalesce(w.watermarks, '') "
        + "FROM unnest($2::text[], $3::text[]) AS i (name, key) "
        + "LEFT JOIN counter_slots s ON s.name = i.name AND s.key = i.key AND s.partition = $1 "
        + "LEFT JOIN (" + VisibleValues.Watermarks.Sql + ") AS w ON w.partition = $1";

    /// <summary>Begins the transaction, in the round trip of its first statement.</summary>
    public const string Begin = "BEGIN";

    /// <summary>Commits it, in the round trip of its last statement.</summary>
    public const string Commit = "COMMIT";
}
