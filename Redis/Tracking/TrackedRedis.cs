using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Floodgate.Redis.Tracking;

/// <summary>Connects to Redis for the copies that are kept of it, again and again: with each connection they begin anew.</summary>
/// <param name="redis">Where Redis is.</param>
/// <param name="kinds">What is kept.</param>
/// <param name="generation">Which run of Redis others speak to.</param>
/// <param name="settings">What it is kept with.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">Where it is said that nothing is kept.</param>
public sealed partial class TrackedRedis(
    IConnectionMultiplexer redis, IEnumerable<TrackedKind> kinds, RedisGeneration generation, TrackedSettings settings, TrackedMetrics metrics,
    ILogger<TrackedRedis> logger)
    : BackgroundService
{
    private const string Suffix = "-tracking";

    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly TrackedKind[] _kinds = [.. kinds];

    /// <summary>By which name Redis lists the connection.</summary>
    public string ClientName { get; } = NameOf(redis.ClientName ?? Environment.MachineName);

    /// <summary>Whether copies are kept now.</summary>
    public bool IsKept { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.IsOn)
        {
            return;
        }

        metrics.Show(() => _kinds.Sum(kind => kind.Count));
        for (var pause = FirstPause; !stoppingToken.IsCancellationRequested;)
        {
            var began = settings.Time.GetTimestamp();
            try
            {
                await using var connection = await ConnectAsync(stoppingToken);
                await KeepAsync(connection, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // What is lost again and again is said once.
                pause = settings.Time.GetElapsedTime(began) > LongestPause ? FirstPause : pause;
                if (pause == FirstPause)
                {
                    LogNotKept(logger, exception.Message);
                }
            }

            await Task.Delay(pause, settings.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task KeepAsync(TrackingConnection connection, CancellationToken stoppingToken)
    {
        var session = new TrackedSession(connection, _kinds, settings, metrics);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var watching = WatchAsync(session, connection, ended.Token);
        IsKept = true;
        LogKept(logger);
        try
        {
            await session.RunAsync(stoppingToken);
        }
        finally
        {
            IsKept = false;
            foreach (var kind in _kinds)
            {
                kind.End();
            }

            if (!stoppingToken.IsCancellationRequested)
            {
                metrics.Lost();
            }

            await ended.CancelAsync();
            await watching;
        }
    }

    // A connection that is lost without a word is noticed by who asks; and one that leads to another run of Redis than the others do is of no use.
    private async Task WatchAsync(TrackedSession session, TrackingConnection connection, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WatchEvery, settings.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                session.Join(0, want: null);
                if (generation.Run is { } run && run != session.Run)
                {
                    await connection.DisposeAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session has ended.
        }
    }

    // Redis takes no others.
    private static string NameOf(string client) => string.Create(client.Length + Suffix.Length, client, static (name, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            name[i] = from[i] is > ' ' and <= '~' ? from[i] : '-';
        }

        Suffix.CopyTo(name[from.Length..]);
    });

    private async Task<TrackingConnection> ConnectAsync(CancellationToken stoppingToken)
    {
        using var elapsed = new CancellationTokenSource(ConnectTimeout, settings.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, elapsed.Token);
        try
        {
            return await TrackingConnection.OpenAsync(OnlyServer(), TrackingLogin.Parse(redis.Configuration), ClientName, limit.Token);
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

    [LoggerMessage(EventId = 6203, Level = LogLevel.Information, Message = "Copies are kept of what Redis shows, and Redis says what of it is changed")]
    private static partial void LogKept(ILogger logger);

    [LoggerMessage(EventId = 6202, Level = LogLevel.Warning, Message = "No copies of what Redis shows are kept, all of it is read each time: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string reason);
}
