using System.Collections.Concurrent;
using Floodgate.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.Redis;

/// <summary>
/// Keeps <see cref="RedisGeneration"/> up to date: asks Redis for its run id
/// (https://redis.io/docs/latest/commands/info/) and the database for the epoch, after every loss of the connection and once a
/// second.
/// </summary>
public sealed partial class GenerationWatch(
    RedisGeneration generation, IConnectionMultiplexer redis, PostgresNodes nodes, TimeProvider time, ILogger<GenerationWatch> logger)
    : BackgroundService, IRedisEpoch, IHealthCheck
{
    /// <summary>Raises the epoch in the table.</summary>
    public const string RaiseEpochSql = "UPDATE visible_epoch SET epoch = epoch + 1 RETURNING epoch";

    // The primary's timeline stands above the epoch of the table, in the bits from the 40th on: a double, which is what a script in Redis
    // counts with, holds 8,000 promotions. So after a failover, which may have lost commits that Redis was told of, nothing older is believed.
    private const string Timeline = "((('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint) << 40)";

    // Past what this process knows: after a failover that lost commits the table may have fallen behind. $1 that epoch.
    private const string RaisePastSql = $"UPDATE visible_epoch SET epoch = greatest(epoch, $1 & ((1::bigint << 40) - 1)) + 1 RETURNING epoch + {Timeline}";

    private const string EpochSql = $"SELECT epoch + {Timeline} FROM visible_epoch";

    /// <summary>
    /// For how long a process believes Redis by an epoch that it asked for (<see cref="RedisGeneration.IsEpochFresh"/>, which the likes of TimelineService ask).
    /// One that asks once a second, as this does, and gets its answer within half a second, knows of a raised epoch by then.
    /// </summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How long somebody who raised the epoch waits until nobody believes an older one: a little longer than <see cref="BelievedFor"/>, as clocks and timers
    /// of different processes differ.
    /// </summary>
    public static readonly TimeSpan HeardAfter = BelievedFor + TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = RedisGeneration.Patience;

    private readonly ConcurrentDictionary<string, byte> _failures = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The primary does not answer.</exception>
    public async Task RaiseAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var (losses, askedAt) = (generation.Losses, time.GetTimestamp());
        await using var command = nodes.Primary.CreateCommand(RaisePastSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = generation.Epoch });
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!, losses, askedAt);
    }

    /// <inheritdoc/>
    /// <remarks>At the start the service is not ready before both were asked; later it only knows less.</remarks>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            generation.Current is not null ? HealthCheckResult.Healthy()
            : _failures.IsEmpty ? HealthCheckResult.Unhealthy("Redis and the primary were not asked yet which visible values to believe.")
            : HealthCheckResult.Degraded($"Nothing in Redis is believed: {string.Join(", ", _failures.Keys)} does not say which generation of visible values there is."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionFailed += OnConnectionFailed;
        try
        {
            await Task.WhenAll(WatchAsync("Redis", AskRunAsync, () => generation.Run is null, stoppingToken),
                WatchAsync("the primary", AskEpochAsync, () => generation.IsEpochAwaited, stoppingToken));
        }
        finally
        {
            redis.ConnectionFailed -= OnConnectionFailed;
        }
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs failure) => generation.LoseRun();

    private async Task WatchAsync(string what, Func<CancellationToken, Task> ask, Func<bool> isUrgent, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                await ask(stoppingToken).WaitAsync(Patience, time, stoppingToken);
                _failures.TryRemove(what, out _);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_failures.TryAdd(what, 0))
                {
                    LogNoAnswer(logger, what, exception.Message);
                }
            }

            // In slices, so that a loss of the connection is followed up at once. By the clock, as each of them is longer where there is much to do.
            do
            {
                await Task.Delay(Impatient, time, stoppingToken);
            }
            while (time.GetElapsedTime(began) < Interval && !isUrgent());
        }
    }

    private async Task AskRunAsync(CancellationToken cancellationToken)
    {
        var losses = generation.Losses;

        // Not IServer.InfoAsync, which the client keeps for administrators. All of it, as before Redis 7 it takes one section only.
        var info = RedisInfo.Parse((string?)(RedisValue)await redis.GetDatabase().ExecuteAsync("INFO") ?? "");
        generation.SetRun(info.Run, losses, info.Evicted);
    }

    private async Task AskEpochAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var (losses, askedAt) = (generation.Losses, time.GetTimestamp());
        await using var command = nodes.Primary.CreateCommand(EpochSql);
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!, losses, askedAt);
    }

    [LoggerMessage(EventId = 6201, Level = LogLevel.Warning, Message = "{What} does not say which generation of visible values there is: {Reason}")]
    private static partial void LogNoAnswer(ILogger logger, string what, string reason);
}
