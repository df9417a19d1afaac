using System.Collections.Concurrent;
using Floodgate.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>
/// Keeps <see cref="VisibleGeneration"/> up to date: asks Redis for its run id
/// (https://redis.io/docs/latest/commands/info/) after every loss of the connection and once a second, and the database for
/// the epoch once a second.
/// </summary>
public sealed partial class GenerationWatch(
    VisibleGeneration generation, IConnectionMultiplexer redis, PostgresNodes nodes, TimeProvider time, ILogger<GenerationWatch> logger)
    : BackgroundService, IVisibleEpoch, IHealthCheck
{
    /// <summary>Raises the epoch in the table.</summary>
    public const string RaiseEpochSql = "UPDATE visible_epoch SET epoch = epoch + 1 RETURNING epoch";

    // The primary's timeline stands above the epoch of the table, in the bits from the 40th on: a double, which is what a script in Redis
    // counts with, holds 8,000 promotions. So after a failover, which may have lost commits that Redis was told of, nothing older is believed.
    private const string Timeline = "((('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint) << 40)";

    // Past what this process knows: after a failover that lost commits the table may have fallen behind. $1 that epoch.
    private const string RaisePastSql = $"UPDATE visible_epoch SET epoch = greatest(epoch, $1 & ((1::bigint << 40) - 1)) + 1 RETURNING epoch + {Timeline}";

    private const string RunIdLine = "\nrun_id:";
    private const int RunIdLength = 40;
    private const string EpochSql = $"SELECT epoch + {Timeline} FROM visible_epoch";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, byte> _failures = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The primary does not answer.</exception>
    public async Task RaiseAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);

        await using var command = nodes.Primary.CreateCommand(RaisePastSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = generation.Epoch });
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!);
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
                WatchAsync("the primary", AskEpochAsync, () => generation is { Run: not null, Current: null }, stoppingToken));
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

            // In slices, so that a loss of the connection is followed up at once.
            for (var waited = TimeSpan.Zero; waited < Interval && !(waited > TimeSpan.Zero && isUrgent()); waited += Impatient)
            {
                await Task.Delay(Impatient, time, stoppingToken);
            }
        }
    }

    private async Task AskRunAsync(CancellationToken cancellationToken)
    {
        var losses = generation.Losses;

        // Not IServer.InfoAsync, which the client keeps for administrators.
        var info = (string?)(RedisValue)await redis.GetDatabase().ExecuteAsync("INFO", "server") ?? "";
        var start = info.IndexOf(RunIdLine, StringComparison.Ordinal) + RunIdLine.Length;
        if (start < RunIdLine.Length || info.Length < start + RunIdLength)
        {
            throw new InvalidOperationException("Redis does not say its run id.");
        }

        generation.SetRun(info.Substring(start, RunIdLength), losses);
    }

    private async Task AskEpochAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var command = nodes.Primary.CreateCommand(EpochSql);
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!);
    }

    [LoggerMessage(EventId = 6201, Level = LogLevel.Warning, Message = "{What} does not say which generation of visible values there is: {Reason}")]
    private static partial void LogNoAnswer(ILogger logger, string what, string reason);
}
