using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.Bench.CacheNode.Items;

/// <summary>The items in PostgreSQL: one query for any number of them, counted and timed. Safe for concurrent use.</summary>
internal sealed class ItemOrigin(NodeReader reader, Gate gate, TimeProvider time)
{
    private const string Sql = "SELECT id, version, body FROM bench_cache_item WHERE id = ANY ($1)";

    // The same after a while. The sleep is the outer side of the join and runs once.
    private const string SlowSql = """
        SELECT i.id, i.version, i.body FROM (SELECT pg_sleep($2) OFFSET 0) slow CROSS JOIN bench_cache_item i WHERE i.id = ANY ($1)
        """;

    private long _begun;
    private long _ended;
    private long _keys;
    private long _slowestTicks;

    /// <summary>How many queries have begun.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>How many have ended.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>How many items they asked for.</summary>
    public long Keys => Interlocked.Read(ref _keys);

    /// <summary>How long the slowest took since this was asked last.</summary>
    public TimeSpan TakeSlowest() => TimeSpan.FromTicks(Interlocked.Exchange(ref _slowestTicks, 0));

    /// <summary>Loads items.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="where">From where.</param>
    /// <param name="atLeast">How long it takes at least.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<ReadAt<Dictionary<long, Item>>> LoadAsync(
        IReadOnlyList<long> ids, NodeRead where, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        Interlocked.Add(ref _keys, ids.Count);
        var began = time.GetTimestamp();
        try
        {
            await gate.PassAsync(cancellationToken);
            return await reader.ReadAsync(where, batch => Compose(batch, ids, atLeast), ReadAllAsync, cancellationToken);
        }
        finally
        {
            Took(time.GetElapsedTime(began));
            Interlocked.Increment(ref _ended);
        }
    }

    private static void Compose(NpgsqlBatch batch, IReadOnlyList<long> ids, TimeSpan atLeast)
    {
        var command = new NpgsqlBatchCommand(atLeast > TimeSpan.Zero ? SlowSql : Sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ids] });
        if (atLeast > TimeSpan.Zero) command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = atLeast.TotalSeconds });
        batch.BatchCommands.Add(command);
    }

    private static async Task<Dictionary<long, Item>> ReadAllAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var items = new Dictionary<long, Item>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var item = new Item(rows.GetInt64(0), rows.GetInt64(1), rows.GetString(2));
            items[item.Id] = item;
        }

        return items;
    }

    private void Took(TimeSpan took)
    {
        var slowest = Interlocked.Read(ref _slowestTicks);
        while (took.Ticks > slowest)
        {
            var seen = Interlocked.CompareExchange(ref _slowestTicks, took.Ticks, slowest);
            if (seen == slowest) break;
            slowest = seen;
        }
    }
}
