using System.Diagnostics;
using Floodgate.Leases;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.Outbox;

/// <summary>
/// Takes rows out of the outbox in order: tells the caches again, publishes posts as fan-out jobs, and deletes what the broker has confirmed. Each
/// instance runs one; they skip each other's rows. A row is deleted in the transaction that locked it, so that it is told
/// at least once whatever dies in between.
/// </summary>
internal sealed class OutboxRelay(
    PostgresNodes nodes, SchemaMigration schema, FanOutPublisher publisher, OpenJobs open, PostRouting routing, TimelineStore timelines, WriteAnnouncer announcer, OutboxSignal signal,
    TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    // What is not a post is dealt with by the instance that wrote it; here where that one has died, or is slow: then it is told twice.
    private const string Select = """
        SELECT id, kind, user_id, post_id, other_id, trace_parent, clock_timestamp() - created_at FROM outbox
        WHERE kind IN ('post', 'pull', 'backfill') OR created_at < clock_timestamp() - $2
        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
        """;

    // What another relay has locked it deletes itself. By the place of the row: of a join, the planner, who never knows how many rows there are just now, may
    // begin with all rows, and lock for each.
    private const string Delete = "DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED))";

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
        var done = signal.TakeDone(options.Value.RelayBatch);
        var (rows, position) = await TakeAsync(connection, cancellationToken);
        var (told, taken) = (done.ToHashSet(), Math.Max(rows.Count, done.Count));
        rows.RemoveAll(row => told.Contains(row.Id));
        if (rows.Count == 0 && done.Count == 0)
        {
            return 0;
        }

        var failure = await PublishAsync(connection, rows, position, done, cancellationToken);
        var known = await AnnounceAsync(rows.FindAll(row => !IsJob(row) && row.Kind != OutboxKind.Pull), position);
        known.AddRange(await AnnounceRangesAsync(rows.FindAll(row => row.Kind == OutboxKind.Pull), position));
        failure = await ForgetAsync(known, done) ?? failure;
        done.AddRange(known.Where(row => row.Kind != OutboxKind.Follow).Select(row => row.Id));
        await using var delete = new NpgsqlCommand(Delete, connection, transaction)
        {
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. done] } },
        };
        await delete.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return failure is null ? taken : throw failure;
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
                row.GetInt64(0), OutboxRow.KindOf(row.GetString(1)), row.GetInt64(2), Number(row, 3), Number(row, 4), row.IsDBNull(5) ? null : row.GetString(5),
                row.GetTimeSpan(6)));
        }

        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (rows, WalPositionQuery.Read(row));
    }

    private static long? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    // So that a write whose process died before it told anybody is seen. Rows that the caches could not be told of stay.
    private async Task<List<OutboxRow>> AnnounceAsync(List<OutboxRow> rows, WalPosition position)
    {
        var known = await Task.WhenAll(rows.Select(row => announcer.AgainAsync(row, new CommittedWrite(position, row.Id))));
        return [.. rows.Where((_, i) => known[i])];
    }

    // All ranges are one value of the caches.
    private async Task<List<OutboxRow>> AnnounceRangesAsync(List<OutboxRow> rows, WalPosition position) =>
        rows.Count == 0 || await announcer.AgainAsync(rows[^1], new CommittedWrite(position, rows[^1].Id)) ? rows : [];

    // All at once on the wire, then all confirms.
    private async Task<Exception?> PublishAsync(
        NpgsqlConnection connection, List<OutboxRow> rows, WalPosition position, List<long> done, CancellationToken cancellationToken)
    {
        var routed = await routing.RouteAsync(connection, rows.FindAll(IsJob), position, cancellationToken);
        if (routed.Count == 0)
        {
            return null;
        }

        try
        {
            await open.OpenAsync([.. routed.Where(one => one.Job is not null).Select(one => one.Job!)]);
        }
        catch (Exception exception) when (RedisGate.IsFailure(exception))
        {
            return exception;
        }

        // Nobody is to meet a post in a timeline that the caches say is not there.
        var known = await announcer.PostsAgainAsync(routed.ConvertAll(one => one.Row).FindAll(row => row.Kind == OutboxKind.Post), position);
        var told = known.ConvertAll(row => row.Id).ToHashSet();
        routed.RemoveAll(one => one.Row.Kind == OutboxKind.Post && !told.Contains(one.Row.Id));
        var groups = JobGroups.Of(routed, options.Value.ChunkSize);
        var failures = await Task.WhenAll(groups.Select(group => PublishAsync(group, cancellationToken)));
        foreach (var row in groups.Where((_, i) => failures[i] is null).SelectMany(group => group.Rows))
        {
            done.Add(row.Id);
            metrics.Published(row.Age);
        }

        // An attempt before this one may have entered them.
        await open.CloseOthersAsync(routed.FindAll(one => one.Row.Age > options.Value.PollInterval));
        return Array.Find(failures, failure => failure is not null);
    }

    private static bool IsJob(OutboxRow row) => row.Kind is OutboxKind.Post or OutboxKind.Backfill;

    // A post that readers merge is nobody's job: the range that covers it commits with the end of its row.
    private async Task<Exception?> PublishAsync(GroupedJob group, CancellationToken cancellationToken)
    {
        if (group.Job is not { } job)
        {
            return null;
        }

        // Of the oldest post; those of the others are linked.
        using var activity = TimelineMetrics.Source.StartActivity(
            "outbox relay", ActivityKind.Internal, TraceOf(group.Rows[0]), links: group.Rows.Skip(1).Select(TraceOf).Where(trace => trace != default).Select(trace => new ActivityLink(trace)));
        activity?.SetTag("floodgate.post", job.Post).SetTag("floodgate.posts", group.Rows.Count);
        try
        {
            await publisher.PublishAsync(group.Queue, job, cancellationToken);
            return null;
        }
        catch (PublishUnconfirmedException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            return exception;
        }
    }

    private static ActivityContext TraceOf(OutboxRow row) =>
        ActivityContext.TryParse(row.TraceParent, traceState: null, isRemote: true, out var request) ? request : default;

    private async Task<Exception?> ForgetAsync(List<OutboxRow> rows, List<long> done)
    {
        var follows = rows.FindAll(row => row.Kind == OutboxKind.Follow);
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
