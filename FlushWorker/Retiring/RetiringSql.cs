namespace Floodgate.FlushWorker.Retiring;

/// <summary>The statements of the cleaning.</summary>
internal static class RetiringSql
{
    /// <summary>The partitions there are.</summary>
    public const string Partitions = "SELECT partition FROM flush_partitions ORDER BY partition";

    /// <summary>Locks a partition as a flush does, without numbering a batch. $1 partition.</summary>
    public const string LockPartition = "SELECT 1 FROM flush_partitions WHERE partition = $1 FOR UPDATE";

    /// <summary>
    /// Forgets producers that have been silent since a time; the partition remembers that it did, but only if it did.
    /// $1 partition, $2 time, $3 most rows.
    /// </summary>
    public const string Retire = """
        WITH retired AS (
            DELETE FROM flush_ledger l USING (
                SELECT producer FROM flush_ledger WHERE partition = $1 AND updated_at < $2 ORDER BY producer LIMIT $3) AS old
            WHERE l.partition = $1 AND l.producer = old.producer
            RETURNING 1),
        remembered AS (
            UPDATE flush_partitions SET retired_before = greatest(retired_before, $2)
            WHERE partition = $1 AND EXISTS (SELECT FROM retired))
        SELECT count(*) FROM retired
        """;

    /// <summary>
    /// Forgets Idempotency-Keys, but none since something was put aside that may be replayed with the same. $1 before, $2 most rows.
    /// </summary>
    public const string ForgetRequests = """
        DELETE FROM counter_requests r USING (
            SELECT user_id, key FROM counter_requests
            WHERE created_at < least($1, coalesce((SELECT min(parked_at) FROM flush_parked), $1)) ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS old
        WHERE r.user_id = old.user_id AND r.key = old.key
        """;

    /// <summary>
    /// Moves minutes into their hours. What the statement deletes is just what it adds. $1 partition, $2 before (a whole
    /// hour), $3 most rows.
    /// </summary>
    public const string RollUp = """
        WITH moved AS (
            DELETE FROM counter_minutes m USING (
                SELECT name, minute, key FROM counter_minutes WHERE partition = $1 AND minute < $2 ORDER BY minute LIMIT $3) AS old
            WHERE m.partition = $1 AND m.name = old.name AND m.minute = old.minute AND m.key = old.key
            RETURNING m.name, m.minute, m.key, m.amount),
        added AS (
            INSERT INTO counter_hours AS h (name, hour, key, partition, amount)
            SELECT name, date_trunc('hour', minute, 'UTC'), key, $1, sum(amount) FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (name, hour, key, partition) DO UPDATE SET amount = h.amount + excluded.amount)
        SELECT count(*) FROM moved
        """;

    /// <summary>Deletes hours. $1 partition, $2 before, $3 most rows.</summary>
    public const string ForgetHours = """
        WITH gone AS (
            DELETE FROM counter_hours h USING (
                SELECT name, hour, key FROM counter_hours WHERE partition = $1 AND hour < $2 LIMIT $3) AS old
            WHERE h.partition = $1 AND h.name = old.name AND h.hour = old.hour AND h.key = old.key
            RETURNING 1)
        SELECT count(*) FROM gone
        """;
}
