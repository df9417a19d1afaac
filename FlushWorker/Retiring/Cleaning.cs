using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Retiring;

/// <summary>
/// Keeps what the flush remembers within bounds: forgets producers long silent and Idempotency-Keys long used, rolls
/// minutes up into hours, and deletes old hours. In chunks of bounded size; any number of workers may do it at once.
/// </summary>
internal sealed class Cleaning(PostgresNodes nodes, IOptions<RetiringOptions> options, TimeProvider time)
{
    private static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(30);

    // Whole hours are rolled up: once an hour there is something to do.
    private DateTime _rolledUpTo;

    /// <summary>Does all that is to be done now.</summary>
    /// <returns>How many producers are forgotten, keys forgotten, minutes rolled up and hours deleted.</returns>
    /// <exception cref="Exception">The primary does not answer; what is done is done, and the rest comes the next time.</exception>
    public async Task<(long Producers, long Requests, long Minutes, long Hours)> RunAsync(CancellationToken cancellationToken) =>
        await RunAsync(await PartitionsAsync(cancellationToken), cancellationToken);

    /// <summary>The same, of some partitions only.</summary>
    public async Task<(long Producers, long Requests, long Minutes, long Hours)> RunAsync(IReadOnlyList<int> partitions, CancellationToken cancellationToken)
    {
        var (now, of) = (time.GetUtcNow().UtcDateTime, options.Value);
        var requests = await RepeatAsync(() => ForgetRequestsAsync(now - of.KeepRequestsFor, cancellationToken));
        var (producers, minutes, hours) = (0L, 0L, 0L);

        // Whole hours only: an hour is either in minutes or rolled up, but for late comers.
        var rollUpTo = HourOf(now - of.KeepMinutesFor);
        foreach (var partition in partitions)
        {
            producers += await RepeatAsync(() => InPartitionAsync(partition, RetiringSql.Retire, now - of.RetireAfter, cancellationToken));
            if (rollUpTo > _rolledUpTo)
            {
                minutes += await RepeatAsync(() => InPartitionAsync(partition, RetiringSql.RollUp, rollUpTo, cancellationToken));
                hours += await RepeatAsync(() => InPartitionAsync(partition, RetiringSql.ForgetHours, HourOf(now - of.KeepHoursFor), cancellationToken));
            }
        }

        _rolledUpTo = rollUpTo;
        return (producers, requests, minutes, hours);
    }

    private static DateTime HourOf(DateTime moment) => new(moment.Ticks - (moment.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc);

    private async Task<long> RepeatAsync(Func<Task<long>> chunk)
    {
        var (total, last) = (0L, (long)options.Value.CleaningRows);
        while (last >= options.Value.CleaningRows)
        {
            last = await chunk();
            total += last;
        }

        return total;
    }

    private async Task<List<int>> PartitionsAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var command = nodes.Primary.CreateCommand(RetiringSql.Partitions);
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var partitions = new List<int>();
        while (await reader.ReadAsync(limit.Token))
        {
            partitions.Add(reader.GetInt32(0));
        }

        return partitions;
    }

    private async Task<long> ForgetRequestsAsync(DateTime before, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var command = nodes.Primary.CreateCommand(RetiringSql.ForgetRequests);
        command.Parameters.Add(Parameter(before));
        command.Parameters.Add(Parameter(options.Value.CleaningRows));
        return await command.ExecuteNonQueryAsync(limit.Token);
    }

    // One statement under the lock that a flush takes, so that neither sees half of the other.
    private async Task<long> InPartitionAsync(int partition, string sql, DateTime before, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        await using var transaction = await connection.BeginTransactionAsync(limit.Token);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(RetiringSql.LockPartition, Parameter(partition));
            await batch.ExecuteNonQueryAsync(limit.Token);
        }

        long rows;
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(sql, Parameter(partition), Parameter(before), Parameter(options.Value.CleaningRows));
            rows = (long)(await batch.ExecuteScalarAsync(limit.Token))!;
        }

        await transaction.CommitAsync(limit.Token);
        return rows;
    }

    private static CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StatementTimeout);
        return limit;
    }
}
