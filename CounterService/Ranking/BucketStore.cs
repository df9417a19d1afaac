using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Ranking;

/// <summary>A counter of a ranking, and what was added to it in the window.</summary>
internal sealed record RankedCounter(string Key, long Value);

/// <summary>What was added to a counter in one bucket.</summary>
internal sealed record CounterBucket(DateTimeOffset Start, long Value);

/// <summary>
/// Reads what the flush writes by the minute. From any replica, as a ranking is of yesterday's news anyway; from the primary
/// if that replica does not answer.
/// </summary>
internal sealed class BucketStore(NodeReader reader, PostgresNodes nodes, IOptions<CounterOptions> options)
{
    private const string TopSql = """
        SELECT b.key, sum(b.amount)::bigint AS added FROM (
            SELECT m.key, m.amount FROM counter_minutes m WHERE m.name = $1 AND m.minute >= $2
            UNION ALL
            SELECT h.key, h.amount FROM counter_hours h WHERE h.name = $1 AND h.hour >= $2) AS b
        GROUP BY b.key HAVING sum(b.amount) > 0 ORDER BY added DESC, b.key LIMIT $3
        """;

    private const string HistorySql = """
        SELECT date_bin($4, b.start, 'epoch'), sum(b.amount)::bigint FROM (
            SELECT m.minute AS start, m.amount FROM counter_minutes m WHERE m.name = $1 AND m.key = $3 AND m.minute >= $2
            UNION ALL
            SELECT h.hour, h.amount FROM counter_hours h WHERE h.name = $1 AND h.key = $3 AND h.hour >= $2) AS b
        GROUP BY 1
        """;

    /// <summary>The counters to which most was added since a time, most first.</summary>
    /// <exception cref="Exception">No node answers in time.</exception>
    public Task<List<RankedCounter>> TopAsync(string name, DateTimeOffset since, int most) => ReadAsync(
        () => new NpgsqlBatchCommand(TopSql) { Parameters = { Parameter(name), Parameter(since.UtcDateTime), Parameter(most) } },
        row => new RankedCounter(row.GetString(0), row.GetInt64(1)));

    /// <summary>The buckets of a counter since a time in which anything was added, in any order.</summary>
    /// <exception cref="Exception">No node answers in time.</exception>
    public Task<List<CounterBucket>> HistoryAsync(CounterId counter, DateTimeOffset since, TimeSpan bucket) => ReadAsync(
        () => new NpgsqlBatchCommand(HistorySql)
        {
            Parameters = { Parameter(counter.Name), Parameter(since.UtcDateTime), Parameter(counter.Key), Parameter(bucket) },
        },
        row => new CounterBucket(row.GetFieldValue<DateTimeOffset>(0), row.GetInt64(1)));

    private async Task<List<T>> ReadAsync<T>(Func<NpgsqlBatchCommand> compose, Func<NpgsqlDataReader, T> map)
    {
        using var limit = new CancellationTokenSource(options.Value.RankingTimeout);
        try
        {
            var read = await reader.ReadAsync(
                new NodeRead(nodes.NextReplica(), Sessions.WalPosition.None),
                batch => batch.BatchCommands.Add(compose()),
                async (rows, cancellationToken) =>
                {
                    var found = new List<T>();
                    while (await rows.ReadAsync(cancellationToken))
                    {
                        found.Add(map(rows));
                    }

                    return found;
                },
                limit.Token);
            return read.Value;
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {options.Value.RankingTimeout}.", exception);
        }
    }

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };
}
