using System.Diagnostics;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.Outbox;

/// <summary>
/// Takes rows out of the outbox in order: publishes posts as fan-out jobs, and deletes what the broker has confirmed. Each
/// instance runs one; they skip each other's rows. A row is deleted in the transaction that locked it, so that it is told
/// at least once whatever dies in between.
/// </summary>
internal sealed class OutboxRelay(
    PostgresNodes nodes, SchemaMigration schema, FanOutPublisher fanOut, TimelineStore timelines, OutboxSignal signal,
    TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    // A follow is dealt with by the instance that wrote it; here only where that instance has died.
    private const string Select = """
        SELECT id, user_id, post_id, trace_parent, clock_timestamp() - created_at FROM outbox
        WHERE kind = 'post' OR created_at < clock_timestamp() - $2
        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
        """;

    private const string Delete = "DELETE FROM outbox WHERE id = ANY ($1)";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        var pause = options.Value.PollInterval;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var taken = await RelayAsync(stoppingToken);
                pause = options.Value.PollInterval;
                if (taken < options.Value.RelayBatch)
                {
                    await signal.WaitAsync(options.Value.PollInterval, time, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The rows stay. Whatever it was, the relay must not end.
                Log.RelayFailed(logger, pause, exception);
                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>Does one batch.</summary>
    /// <returns>How many rows it took; a full batch means that there may be more.</returns>
    internal async Task<int> RelayAsync(CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (rows, position) = await TakeAsync(connection, cancellationToken);
        var done = signal.TakeDone(options.Value.RelayBatch);
        if (rows.Count == 0 && done.Count == 0)
        {
            return 0;
        }

        var failure = await PublishAsync(rows, position, done, cancellationToken);
        failure = await ForgetAsync(rows, done) ?? failure;
        await using var delete = new NpgsqlCommand(Delete, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. done] } },
        };
        await delete.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return failure is null ? rows.Count : throw failure;
    }

    // The position is taken after the rows were seen, so it is at or past the commit of each.
    private async Task<(List<OutboxRow> Rows, WalPosition Position)> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Select)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = options.Value.RelayBatch },
                new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Grace },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OutboxRow>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(new OutboxRow(
                row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetTimeSpan(4)));
        }

        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (rows, WalPositionQuery.Read(row));
    }

    // All at once on the wire, then all confirms.
    private async Task<Exception?> PublishAsync(List<OutboxRow> rows, WalPosition position, List<long> done, CancellationToken cancellationToken)
    {
        var posts = rows.FindAll(row => row.Post is not null);
        if (posts.Count == 0)
        {
            return null;
        }

        var jobs = posts.ConvertAll(row => new FanOutJob(row.Post!.Value, row.User, position, After: 0));
        try
        {
            await fanOut.OpenAsync(jobs);
        }
        catch (Exception exception) when (RedisGate.IsFailure(exception))
        {
            return exception;
        }

        var publishes = new Task<Exception?>[jobs.Count];
        for (var i = 0; i < publishes.Length; i++)
        {
            publishes[i] = PublishAsync(posts[i], jobs[i], cancellationToken);
        }

        var failures = await Task.WhenAll(publishes);
        for (var i = 0; i < failures.Length; i++)
        {
            if (failures[i] is null)
            {
                done.Add(posts[i].Id);
                metrics.Published(posts[i].Age);
            }
        }

        return Array.Find(failures, failure => failure is not null);
    }

    private async Task<Exception?> PublishAsync(OutboxRow row, FanOutJob job, CancellationToken cancellationToken)
    {
        var parent = ActivityContext.TryParse(row.TraceParent, traceState: null, isRemote: true, out var request) ? request : default;
        using var activity = TimelineMetrics.Source.StartActivity("outbox relay", ActivityKind.Internal, parent);
        activity?.SetTag("floodgate.post", job.Post);
        try
        {
            await fanOut.PublishAsync(QueueTopology.FanOutSmall, job, cancellationToken);
            return null;
        }
        catch (PublishUnconfirmedException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            return exception;
        }
    }

    private async Task<Exception?> ForgetAsync(List<OutboxRow> rows, List<long> done)
    {
        var follows = rows.FindAll(row => row.Post is null);
        if (follows.Count == 0)
        {
            return null;
        }

        try
        {
            await timelines.ForgetAsync(follows.ConvertAll(row => row.User));
            done.AddRange(follows.Select(row => row.Id));
            return null;
        }
        catch (Exception exception) when (RedisGate.IsFailure(exception))
        {
            return exception;
        }
    }
}
