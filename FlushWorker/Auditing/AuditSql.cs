namespace Floodgate.FlushWorker.Auditing;

/// <summary>The questions of the audit. Each is one statement, so that it compares values of one snapshot.</summary>
internal static class AuditSql
{
    /// <summary>
    /// The next posts that have a slot or a like, by id: from the slots of likes and, by a loose index scan
    /// (https://wiki.postgresql.org/wiki/Loose_indexscan), from the reactions, as either may be the one that is wrong.
    /// The name is written out, as only so the index is used. $1 after this post, $2 how many.
    /// </summary>
    public const string NextPosts = """
        WITH RECURSIVE liked AS (
            (SELECT r.post_id, 1 AS n FROM reactions r WHERE r.liked AND r.post_id > $1 ORDER BY r.post_id LIMIT 1)
            UNION ALL
            SELECT next.post_id, l.n + 1 FROM liked l CROSS JOIN LATERAL (
                SELECT r.post_id FROM reactions r WHERE r.liked AND r.post_id > l.post_id ORDER BY r.post_id LIMIT 1) AS next
            WHERE l.n < $2),
        slotted AS (
            (SELECT s.key::bigint AS post_id, 1 AS n FROM counter_slots s WHERE s.name = '@likes' AND s.key::bigint > $1 ORDER BY s.key::bigint LIMIT 1)
            UNION ALL
            SELECT next.post_id, l.n + 1 FROM slotted l CROSS JOIN LATERAL (
                SELECT s.key::bigint AS post_id FROM counter_slots s
                WHERE s.name = '@likes' AND s.key::bigint > l.post_id ORDER BY s.key::bigint LIMIT 1) AS next
            WHERE l.n < $2)
        SELECT post_id FROM liked UNION SELECT post_id FROM slotted ORDER BY 1 LIMIT $2
        """;

    /// <summary>Of each post what its slots say and how many like it. $1 name of likes, $2 posts.</summary>
    public const string Recount = """
        SELECT i.post_id,
            (SELECT coalesce(sum(s.value), 0)::bigint FROM counter_slots s WHERE s.name = $1 AND s.key = i.post_id::text),
            (SELECT count(*) FROM reactions r WHERE r.post_id = i.post_id AND r.liked)
        FROM unnest($2::bigint[]) AS i (post_id)
        """;

    /// <summary>The slots of a post, and who likes it. $1 name of likes, $2 post as text, $3 post.</summary>
    public const string SlotsAndLikers = """
        SELECT s.partition, s.value, NULL::bigint FROM counter_slots s WHERE s.name = $1 AND s.key = $2
        UNION ALL
        SELECT NULL, NULL, r.user_id FROM reactions r WHERE r.post_id = $3 AND r.liked
        """;

    /// <summary>What was ever added to each partition, and what its slots come to.</summary>
    public const string Conservation = """
        SELECT p.partition, p.envelopes, p.amount, coalesce(s.total, 0)
        FROM flush_partitions p
        LEFT JOIN (SELECT partition, sum(value) AS total FROM counter_slots GROUP BY partition) AS s ON s.partition = p.partition
        ORDER BY 1
        """;

    /// <summary>The same of one partition, before a correction of it. $1 partition.</summary>
    public const string Imbalance = """
        SELECT coalesce((SELECT sum(s.value) FROM counter_slots s WHERE s.partition = $1), 0) - p.amount FROM flush_partitions p WHERE p.partition = $1
        """;

    /// <summary>Enters a correction. $1 name, $2 key, $3 partition, $4 amount, $5 reason.</summary>
    public const string EnterCorrection =
        "INSERT INTO counter_corrections (name, key, partition, amount, reason) VALUES ($1, $2, $3, $4, $5)";

    /// <summary>Counts a correction as something that was added. $1 partition, $2 amount.</summary>
    public const string AddToAmount = "UPDATE flush_partitions SET amount = amount + $2 WHERE partition = $1";
}
