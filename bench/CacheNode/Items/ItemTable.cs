using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.Bench.CacheNode.Items;

/// <summary>The table of the items.</summary>
internal sealed class ItemTable(PostgresNodes nodes, NodeReader reader, TimeProvider time)
{
    private const string Create = "CREATE TABLE IF NOT EXISTS bench_cache_item (id bigint PRIMARY KEY, version bigint NOT NULL, body text NOT NULL)";

    private const string Insert = """
        INSERT INTO bench_cache_item
        SELECT id, 1, left(repeat(md5(id::text), 1 + $2 / 32), $2) FROM generate_series(1, $1) id ON CONFLICT DO NOTHING
        """;

    private const string Settle = "VACUUM (ANALYZE) bench_cache_item";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes the items that are not there, and waits until every replica has them.</summary>
    public async Task MakeAsync(long rows, int bytes, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, Create, cancellationToken);
        await ExecuteAsync(connection, Insert, cancellationToken, new NpgsqlParameter<long> { TypedValue = rows }, new NpgsqlParameter<int> { TypedValue = bytes });
        await ExecuteAsync(connection, Settle, cancellationToken);
        var position = await WalPositionQuery.AfterCommitAsync(connection, cancellationToken);
        foreach (var name in nodes.Names.Where(name => name != nodes.PrimaryName))
        {
            while (await NodeThatHasAsync(new NodeRead(name, position), cancellationToken) != name) await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<string> NodeThatHasAsync(NodeRead where, CancellationToken cancellationToken)
    {
        var answer = await reader.ReadAsync(
            where, batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT 1")), (rows, token) => rows.ReadAsync(token), cancellationToken);
        return answer.Node;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
