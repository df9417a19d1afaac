namespace Floodgate.FlushWorker.Applying;

/// <summary>The statements of a flush. All of them take a batch at once, in sorted order, so that two never lock crosswise.</summary>
internal static class FlushSql
{
    /// <summary>Locks the partition until the commit and numbers the batch. $1 partition.</summary>
    public const string LockPartition = """
        INSERT INTO flush_partitions AS p (partition, version) VALUES ($1, 1)
        ON CONFLICT (partition) DO UPDATE SET version = p.version + 1
        RETURNING version
        """;

    /// <summary>Which envelopes are applied. $1 partition, $2 producers, $3 sequences.</summary>
    public const string FindApplied = """
        SELECT i.producer, i.sequence FROM unnest($2::uuid[], $3::bigint[]) AS i (producer, sequence)
        JOIN flush_ledger l ON l.partition = $1 AND l.producer = i.producer
        WHERE l.applied @> i.sequence
        """;

    /// <summary>Uses up Idempotency-Keys; gives those that were not used. $1 users, $2 keys.</summary>
    public const string UseRequests = """
        INSERT INTO counter_requests (user_id, key)
        SELECT i.user_id, i.key FROM unnest($1::bigint[], $2::text[]) AS i (user_id, key) ORDER BY 1, 2
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
}
