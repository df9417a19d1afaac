using Floodgate.Bench.Measuring;
using Npgsql;

namespace Floodgate.Bench.Timelines;

/// <summary>The same page in the pull model: a join over follows and posts, prepared, on a replica.</summary>
internal sealed class SqlPages(NpgsqlDataSource replica, IReadOnlyList<long> readers, int seed, TimeProvider time)
{
    private const int Connections = 8;

    private const string Page = """
        SELECT p.id, p.author, p.text, p.created_at, p.edited_at FROM posts p
        WHERE p.deleted_at IS NULL AND (p.author = $1 OR p.author IN (SELECT f.followee FROM follows f WHERE f.follower = $1))
        ORDER BY p.id DESC LIMIT 21
        """;

    /// <summary>The ids of one page.</summary>
    public async Task<IReadOnlyList<long>> OneAsync(long reader, CancellationToken cancellation)
    {
        await using var connection = await replica.OpenConnectionAsync(cancellation);
        await using var command = await PrepareAsync(connection, cancellation);
        return await ReadAsync(command, reader, cancellation);
    }

    /// <summary>Reads pages for a while.</summary>
    public async Task<(LatencyHistogram Latency, TimeSpan Took)> RunAsync(TimeSpan length, CancellationToken cancellation)
    {
        var latency = new LatencyHistogram();
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(() => WorkAsync(new Random(seed + worker)), cancellation)));
        return (latency, time.GetElapsedTime(started));

        async Task WorkAsync(Random random)
        {
            await using var connection = await replica.OpenConnectionAsync(cancellation);
            await using var command = await PrepareAsync(connection, cancellation);
            while (time.GetElapsedTime(started) < length)
            {
                var began = time.GetTimestamp();
                await ReadAsync(command, readers[random.Next(readers.Count)], cancellation);
                latency.Record(time.GetElapsedTime(began));
            }
        }
    }

    private static async Task<NpgsqlCommand> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(Page, connection) { Parameters = { new NpgsqlParameter<long>() } };
        await command.PrepareAsync(cancellation);
        return command;
    }

    private static async Task<IReadOnlyList<long>> ReadAsync(NpgsqlCommand command, long reader, CancellationToken cancellation)
    {
        ((NpgsqlParameter<long>)command.Parameters[0]).TypedValue = reader;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<long>();
        while (await row.ReadAsync(cancellation))
        {
            ids.Add(row.GetInt64(0));
            _ = row.GetString(2);
        }

        return ids;
    }
}
