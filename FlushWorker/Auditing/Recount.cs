using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Auditing;

/// <summary>A post whose slots are not the number of those who like it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WrongCount(long Post, long Slots, long Likes);

/// <summary>What a partition was ever added to and what its slots come to: the same, or something else wrote there.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Envelopes">Envelopes ever applied.</param>
/// <param name="Added">What they and the corrections added.</param>
/// <param name="Slots">What the slots come to.</param>
internal sealed record PartitionBalance(int Partition, long Envelopes, decimal Added, decimal Slots)
{
    /// <summary>By how much they differ.</summary>
    public decimal Difference => Slots - Added;
}

/// <summary>Asks what is right: each question is one statement, and so one snapshot. Replicas answer as well as the primary.</summary>
internal sealed class Recount(PostgresNodes nodes, IOptions<AuditOptions> options)
{
    /// <summary>The next posts in the order of their ids that have likes or slots.</summary>
    public Task<List<long>> NextAsync(long after, CancellationToken cancellationToken) => QueryAsync(
        AuditSql.NextPosts, [Parameter(after), Parameter(options.Value.RecountPosts)], row => row.GetInt64(0), cancellationToken);

    /// <summary>Those of these posts that are wrong.</summary>
    public async Task<List<WrongCount>> WrongAsync(IReadOnlyList<long> posts, CancellationToken cancellationToken)
    {
        var counts = await QueryAsync(
            AuditSql.Recount, [Parameter(CounterId.LikesName), Parameter<long[]>([.. posts])],
            row => new WrongCount(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);
        return counts.FindAll(count => count.Slots != count.Likes);
    }

    /// <summary>The balance of each partition.</summary>
    public Task<List<PartitionBalance>> BalancesAsync(CancellationToken cancellationToken) => QueryAsync(
        AuditSql.Conservation, [],
        row => new PartitionBalance(row.GetInt32(0), row.GetInt64(1), row.GetDecimal(2), row.GetDecimal(3)), cancellationToken);

    private async Task<List<T>> QueryAsync<T>(
        string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        if (nodes.NextReplica() is { } replica && nodes.TryGet(replica, out var source))
        {
            try
            {
                return await QueryAsync(source, sql, parameters, map, cancellationToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // A replica that is down, or cancels long queries for its replay: the primary is asked.
            }
        }

        return await QueryAsync(nodes.Primary, sql, [.. parameters.Select(of => of.Clone())], map, cancellationToken);
    }

    private async Task<List<T>> QueryAsync<T>(
        NpgsqlDataSource source, string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var found = new List<T>();
        while (await reader.ReadAsync(limit.Token))
        {
            found.Add(map(reader));
        }

        return found;
    }
}
