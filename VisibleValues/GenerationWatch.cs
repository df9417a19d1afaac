using Floodgate.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>
/// Keeps <see cref="VisibleGeneration"/> up to date: asks Redis for the run id of each server
/// (https://redis.io/docs/latest/commands/info/) after every loss of the connection and once a second, and the database for
/// the epoch once a second.
/// </summary>
public sealed partial class GenerationWatch(
    VisibleGeneration generation, IConnectionMultiplexer redis, PostgresNodes nodes, TimeProvider time, ILogger<GenerationWatch> logger)
    : BackgroundService, IVisibleEpoch
{
    /// <summary>Raises the epoch and gives the new one.</summary>
    public const string RaiseEpochSql = "UPDATE visible_epoch SET epoch = epoch + 1 RETURNING epoch";

    private const string EpochSql = "SELECT epoch FROM visible_epoch";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The primary does not answer.</exception>
    public async Task RaiseAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var command = nodes.Primary.CreateCommand(RaiseEpochSql);
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!);
    }

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
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNoAnswer(logger, what, exception.Message);
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
        var runs = new List<string>();
        foreach (var endPoint in redis.GetEndPoints())
        {
            var server = redis.GetServer(endPoint);
            if (server.IsConnected)
            {
                var info = await server.InfoAsync("server");
                runs.Add(info.SelectMany(section => section).First(line => line.Key == "run_id").Value[..16]);
            }
        }

        if (runs.Count > 0)
        {
            runs.Sort(StringComparer.Ordinal);
            generation.SetRun(string.Join('+', runs), losses);
        }
    }

    private async Task AskEpochAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var command = nodes.Primary.CreateCommand(EpochSql);
        generation.SetEpoch((long)(await command.ExecuteScalarAsync(limit.Token))!);
    }

    [LoggerMessage(EventId = 6201, Level = LogLevel.Debug, Message = "{What} does not say which generation of visible values there is: {Reason}")]
    private static partial void LogNoAnswer(ILogger logger, string what, string reason);
}
