using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Floodgate.Redis.Tracking;

/// <summary>
/// Keeps copies of strings in Redis, which Redis keeps up to date by saying what was changed: who asks gets values as they were at some moment after the question,
/// and Redis looks up those only that were changed since they were read. Without it, on a cluster, before Redis 7, or while the connection is lost, nothing is
/// known here, and is to be read in another way. Safe for concurrent use.
/// </summary>
/// <typeparam name="TKey">What a key is.</typeparam>
/// <typeparam name="TValue">What a value is.</typeparam>
/// <param name="redis">Where Redis is.</param>
/// <param name="codec">What keys and values mean.</param>
/// <param name="settings">What copies are kept with.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">Where it is said that nothing is kept.</param>
public sealed partial class TrackedStrings<TKey, TValue>(
    IConnectionMultiplexer redis, TrackedCodec<TKey, TValue> codec, TrackedSettings settings, TrackedMetrics metrics, ILogger<TrackedStrings<TKey, TValue>> logger)
    : BackgroundService
    where TKey : notnull
    where TValue : class
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private volatile TrackedSession<TKey, TValue>? _session;

    /// <summary>Whether copies are kept now.</summary>
    public bool IsKept => _session is not null;

    /// <summary>Asks for keys, each at most once.</summary>
    /// <returns>The question; null where nothing is known here.</returns>
    public TrackedRead<TKey, TValue>? Ask(IReadOnlyList<TKey> keys) => _session?.Ask(keys);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.MostCopies == 0)
        {
            return;
        }

        metrics.Show(() => _session?.Count ?? 0);
        for (var pause = FirstPause; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await KeepAsync(() => pause = FirstPause, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_session is not null || pause == FirstPause)
                {
                    LogNotKept(logger, exception.Message);
                }
            }
            finally
            {
                _session = null;
            }

            await Task.Delay(pause, settings.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task KeepAsync(Action begun, CancellationToken stoppingToken)
    {
        await using var connection = await ConnectAsync(stoppingToken);
        var session = new TrackedSession<TKey, TValue>(connection, codec, settings, metrics);
        _session = session;
        begun();
        LogKept(logger, settings.MostCopies);
        try
        {
            await session.RunAsync(stoppingToken);
        }
        finally
        {
            metrics.Lost();
        }
    }

    private async Task<TrackingConnection> ConnectAsync(CancellationToken stoppingToken)
    {
        using var elapsed = new CancellationTokenSource(ConnectTimeout, settings.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, elapsed.Token);
        try
        {
            return await TrackingConnection.OpenAsync(OnlyServer(), TrackingLogin.Parse(redis.Configuration), $"{redis.ClientName}-tracking", limit.Token);
        }
        catch (OperationCanceledException exception) when (!stoppingToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Redis did not answer within {ConnectTimeout.TotalSeconds} s.", exception);
        }
    }

    // Of several nobody knows here which one has a key, or will have it.
    private EndPoint OnlyServer()
    {
        if (redis.GetEndPoints() is not [var end])
        {
            throw new NotSupportedException("It takes a single server.");
        }

        return redis.GetServer(end) switch
        {
            { IsConnected: false } => throw new TimeoutException("Redis is away."),
            { ServerType: not ServerType.Standalone } server => throw new NotSupportedException($"It takes a single server, and this is a {server.ServerType}."),
            _ => end,
        };
    }

    [LoggerMessage(EventId = 6203, Level = LogLevel.Information, Message = "Up to {Most} copies of what Redis shows are kept")]
    private static partial void LogKept(ILogger logger, int most);

    [LoggerMessage(EventId = 6202, Level = LogLevel.Warning, Message = "No copies of what Redis shows are kept, all of it is read each time: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string reason);
}
