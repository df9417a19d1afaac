using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Sharing;

/// <summary>
/// Who is alive: each worker says so in <c>flush_workers</c>, and reads who else does. While the primary is away, what was
/// known last is taken to be so. This only balances the load: who is right to drain, the broker says.
/// </summary>
internal sealed class WorkerRoster(
    PostgresNodes nodes, SchemaMigration schema, IOptions<FlushOptions> options, TimeProvider time, ILogger<WorkerRoster> logger) : BackgroundService
{
    private const string SaySql = "INSERT INTO flush_workers AS w (worker) VALUES ($1) ON CONFLICT (worker) DO UPDATE SET seen_at = now()";
    private const string ForgetSql = "DELETE FROM flush_workers WHERE seen_at < now() - interval '1 hour'";
    private const string ReadSql = "SELECT worker, seen_at, now() FROM flush_workers WHERE seen_at > now() - $1";
    private const string LeaveSql = "DELETE FROM flush_workers WHERE worker = $1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Roll _roll = new([], default, []);
    private long _readAt = time.GetTimestamp();

    /// <summary>This worker.</summary>
    public Guid Self { get; } = Guid.CreateVersion7();

    /// <summary>Completes once it is known who is alive.</summary>
    public Task Known => _known.Task;

    /// <summary>How many workers are alive.</summary>
    public int Count => _roll.SeenAt.Count;

    /// <summary>The partitions of this worker.</summary>
    public IEnumerable<int> Own => _roll.Owners.Index().Where(of => of.Item == Self).Select(of => of.Index);

    /// <summary>
    /// Whether the roster could not be read for so long that the others take this worker for dead: it must let go, as they
    /// wait for its partitions.
    /// </summary>
    public bool IsLost => time.GetElapsedTime(Volatile.Read(ref _readAt)) >= options.Value.DeadAfter;

    /// <summary>Whether a partition is this worker's.</summary>
    public bool IsOwn(int partition) => _roll.Owners[partition] == Self;

    /// <summary>How many workers come before this one where a partition's own does not drain it: 0 for the first.</summary>
    public int Place(int partition)
    {
        var roll = _roll;
        return PartitionShares.Rank(partition, roll.SeenAt.Keys).Where(worker => worker != roll.Owners[partition]).TakeWhile(worker => worker != Self).Count();
    }

    /// <summary>The time of the primary when the roster was read.</summary>
    public DateTime AsOf => _roll.AsOf;

    /// <summary>Whether a partition's own worker was alive some time after a moment.</summary>
    public bool IsOwnerBack(int partition, DateTime since)
    {
        var roll = _roll;
        return roll.SeenAt.TryGetValue(roll.Owners[partition], out var seenAt) && seenAt > since + options.Value.Heartbeat;
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var command = nodes.Primary.CreateCommand(LeaveSql);
            command.Parameters.Add(Parameter(Self));
            await command.ExecuteNonQueryAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // The others notice by themselves.
            FlushLog.NotSeen(logger, exception);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SayAndReadAsync(stoppingToken);
                _known.TrySetResult();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.NotSeen(logger, exception);
            }

            await Task.Delay(options.Value.Heartbeat, time, stoppingToken);
        }
    }

    private async Task SayAndReadAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SaySql, Parameter(Self));
        batch.Add(ForgetSql);
        batch.Add(ReadSql, Parameter(options.Value.DeadAfter));
        await using var reader = await batch.ExecuteReaderAsync(limit.Token);
        var seenAt = new Dictionary<Guid, DateTime>();
        var now = default(DateTime);
        while (await reader.ReadAsync(limit.Token))
        {
            seenAt.Add(reader.GetGuid(0), reader.GetDateTime(1));
            now = reader.GetDateTime(2);
        }

        seenAt.TryAdd(Self, now);
        var owners = PartitionShares.Assign(options.Value.Partitions, seenAt.Keys);
        var isNew = !owners.AsSpan().SequenceEqual(_roll.Owners);
        _roll = new Roll(seenAt, now, owners);
        Volatile.Write(ref _readAt, time.GetTimestamp());
        if (isNew)
        {
            var own = string.Join(", ", Own);
            FlushLog.Shared(logger, seenAt.Count, own);
        }
    }

    private sealed record Roll(Dictionary<Guid, DateTime> SeenAt, DateTime AsOf, Guid[] Owners);
}
