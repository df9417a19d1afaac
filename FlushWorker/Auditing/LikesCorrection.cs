using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Redis;
using Microsoft.Extensions.Options;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Auditing;

/// <summary>
/// Puts the slots of a post right. The reactions are the truth; each partition's slot is what those of its pairs come to
/// that are liked. Under the partition's lock, which a flush takes too, what was found is looked at once more, so a
/// correction is made once, whoever else finds the same.
/// </summary>
internal sealed class LikesCorrection(
    PostgresNodes nodes, IOptions<FlushOptions> flush, IOptions<AuditOptions> options, ILogger<LikesCorrection> logger)
{
    /// <summary>Corrects a post.</summary>
    /// <returns>How many slots were wrong.</returns>
    public async Task<int> CorrectAsync(long post, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        var corrected = 0;
        Dictionary<int, long> wrong;
        await using (var connection = await nodes.Primary.OpenConnectionAsync(limit.Token))
        {
            wrong = await DifferencesAsync(connection, post, limit.Token);
        }

        foreach (var partition in wrong.Keys.Order())
        {
            corrected += await CorrectAsync(post, partition, limit.Token) ? 1 : 0;
        }

        return corrected;
    }

    private async Task<bool> CorrectAsync(long post, int partition, CancellationToken cancellationToken)
    {
        var counter = CounterId.Likes(post);
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);

        // Before the lock, as it reads all slots of the partition: it only decides how the correction is entered.
        var imbalance = await ScalarAsync(connection, AuditSql.Imbalance, cancellationToken, Parameter(partition)) as decimal? ?? 0;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var version = (long)(await ScalarAsync(connection, FlushSql.LockPartition, cancellationToken, Parameter(partition)))!;
        if (!(await DifferencesAsync(connection, post, cancellationToken)).TryGetValue(partition, out var amount))
        {
            return false;
        }

        // Where the slots are not what was added to them, it was a slot that something else wrote; else it was a reaction,
        // and the correction is an addition like any other.
        if (Math.Abs(imbalance + amount) > Math.Abs(imbalance))
        {
            await ScalarAsync(connection, AuditSql.AddToAmount, cancellationToken, Parameter(partition), Parameter((decimal)amount));
        }

        await ScalarAsync(
            connection, FlushSql.AddToSlots, cancellationToken,
            Parameter(partition), Parameter(version), Parameter<string[]>([counter.Name]), Parameter<string[]>([counter.Key]), Parameter<long[]>([amount]));
        await ScalarAsync(
            connection, AuditSql.EnterCorrection, cancellationToken,
            Parameter(counter.Name), Parameter(counter.Key), Parameter(partition), Parameter(amount), Parameter("its slots were not the number of its likes"));

        // Redis learns of it by the same commit: everything is loaded anew, which a correction is rare enough for.
        await ScalarAsync(connection, GenerationWatch.RaiseEpochSql, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        FlushLog.Corrected(logger, counter.ToString(), partition, amount);
        return true;
    }

    // By how much each wrong slot is to change.
    private async Task<Dictionary<int, long>> DifferencesAsync(NpgsqlConnection connection, long post, CancellationToken cancellationToken)
    {
        var counter = CounterId.Likes(post);
        await using var command = new NpgsqlCommand(AuditSql.SlotsAndLikers, connection)
        {
            Parameters = { Parameter(counter.Name), Parameter(counter.Key), Parameter(post) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var differences = new Dictionary<int, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (partition, amount) = reader.IsDBNull(0)
                ? (CounterPartition.Of(reader.GetInt64(2), post, flush.Value.Partitions), 1)
                : (reader.GetInt32(0), -reader.GetInt64(1));
            differences[partition] = differences.GetValueOrDefault(partition) + amount;
        }

        return differences.Where(of => of.Value != 0).ToDictionary();
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
