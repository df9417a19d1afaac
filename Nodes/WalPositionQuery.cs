using Floodgate.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Floodgate.Nodes;

/// <summary>Asks a node where it is.</summary>
public static class WalPositionQuery
{
    /// <summary>
    /// One row: whether the node is in recovery, its timeline, its position, and when its server started. The position is on a replica what it
    /// has replayed (and so shows), on the primary what it has written. On the primary, run after COMMIT with <c>synchronous_commit=on</c>, it
    /// is at or past the commit record.
    /// (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-INFO)
    /// </summary>
    /// <remarks>
    /// A replica tells its timeline only while it streams; else it is that of its last restartpoint, which may be older than what it has
    /// replayed: see <see cref="ClusterTopology.Place(string, bool, WalPosition, DateTimeOffset)"/>.
    /// </remarks>
    public const string Sql = $"""
        SELECT r.recovering,
            CASE WHEN r.recovering
                THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                    greatest((pg_control_checkpoint()).timeline_id, (pg_control_recovery()).min_recovery_end_timeline))
                ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
            CASE WHEN r.recovering THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS {PositionColumn},
            pg_postmaster_start_time()
        FROM (SELECT pg_is_in_recovery() AS recovering OFFSET 0) r
        """;

    /// <summary>
    /// The LSN while a transaction is under way, for a column of its <c>RETURNING</c>: past everything that was committed before the row was locked,
    /// and before the transaction's own commit. See <see cref="ReadLsn"/>.
    /// </summary>
    public const string LockedLsn = "pg_current_wal_insert_lsn()";

    private const string PositionColumn = "floodgate_position";

    /// <summary>Whether the result that the reader is at is one of <see cref="Sql"/>.</summary>
    internal static bool IsAt(NpgsqlDataReader reader) => reader.FieldCount > 2 && reader.GetName(2) == PositionColumn;

    /// <summary>Reads the position from the current row of <see cref="Sql"/>.</summary>
    public static WalPosition Read(NpgsqlDataReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new WalPosition((uint)reader.GetInt32(1), new Lsn((ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(2)));
    }

    /// <summary>Reads an LSN.</summary>
    public static Lsn ReadLsn(NpgsqlDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new Lsn((ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(ordinal));
    }

    /// <summary>Reads whether the node is in recovery, and when its server started.</summary>
    internal static (bool InRecovery, DateTimeOffset StartedAt) ReadServer(NpgsqlDataReader reader) =>
        (reader.GetBoolean(0), reader.GetFieldValue<DateTimeOffset>(3));

    /// <summary>
    /// The primary's position now. Called after COMMIT, on the connection of the write or another, it is what a session
    /// must have seen to read that write.
    /// </summary>
    public static async Task<WalPosition> AfterCommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Read(reader);
    }
}
