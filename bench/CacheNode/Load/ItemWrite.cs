using Floodgate.Leases;
using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.Bench.CacheNode.Load;

/// <summary>A write of the first items, as a service writes: an UPDATE on the primary, with the positions that the cache is told.</summary>
internal sealed class ItemWrite(PostgresNodes nodes)
{
    // The position under the locks of the rows, where the scan stands at the last of them.
    private const string Sql = """
        WITH written AS (UPDATE bench_cache_item SET version = version + 1 WHERE id <= $1 RETURNING version, pg_current_wal_insert_lsn() AS locked)
        SELECT max(version), min(locked) FROM written
        """;

    /// <summary>Writes.</summary>
    /// <returns>The version that the items have now, and the write.</returns>
    public async Task<(long Version, CommittedWrite Write)> RunAsync(long last, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Sql, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = last } } };
        long version;
        ulong locked;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (version, locked) = (reader.GetInt64(0), (ulong)reader.GetFieldValue<NpgsqlTypes.NpgsqlLogSequenceNumber>(1));
        }

        var position = await WalPositionQuery.AfterCommitAsync(connection, cancellationToken);
        return (version, new CommittedWrite(position) { Locked = position with { Lsn = new Sessions.Lsn(locked) } });
    }
}
