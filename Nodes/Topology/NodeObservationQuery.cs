using Floodgate.Sessions;
using Npgsql;
using NpgsqlTypes;

namespace Floodgate.Nodes;

/// <summary>Asks a node what it is and where.</summary>
public static class NodeObservationQuery
{
    // The functions of a standby fail on a primary.
    private const string Sql = $"""
        SELECT system_identifier FROM pg_control_system();
        {WalPositionQuery.Sql};
        SELECT coalesce(pg_last_wal_receive_lsn(), '0/0'),
            CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
            EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
        """;

    /// <summary>Asks, in one round trip.</summary>
    /// <exception cref="NpgsqlException">The node does not answer.</exception>
    public static async Task<NodeObservation> AskAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        await using var command = source.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var systemId = unchecked((ulong)reader.GetInt64(0));
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (inRecovery, startedAt) = WalPositionQuery.ReadServer(reader);
        var position = WalPositionQuery.Read(reader);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var received = new Lsn((ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(0));
        return new NodeObservation(inRecovery, position, systemId)
        {
            StartedAt = startedAt,
            Received = inRecovery && received > position.Lsn ? received : position.Lsn,
            ReplayPaused = reader.GetBoolean(1),
            Streams = reader.GetBoolean(2),
        };
    }
}
