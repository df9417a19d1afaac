using Floodgate.Messaging;
using Floodgate.TimelineService.FanOut;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>Looks every second at how many posts wait, and for how long some have.</summary>
internal sealed class PendingPostWatch(Broker broker, TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _since;
    private volatile bool _isKnown;

    /// <summary>How many wait; null where the broker does not answer.</summary>
    public long? Depth => _isKnown ? metrics.PendingDepth : null;

    /// <summary>For how long some have been waiting, as far as this process has seen; 0 where none is.</summary>
    public TimeSpan Age => Volatile.Read(ref _since) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                limited.CancelAfter(options.Value.PublishTimeout);
                await LookAsync(limited.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested && exception is not OutOfMemoryException)
            {
                // What waits goes on waiting.
                _isKnown = false;
            }

            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var connection = await broker.ConsumingAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await QueueTopology.DeclarePendingPostsAsync(channel, cancellationToken);
        var depth = (await channel.QueueDeclarePassiveAsync(QueueTopology.PostsPending, cancellationToken)).MessageCount;
        Volatile.Write(ref _since, depth == 0 ? 0 : _since is 0 ? time.GetTimestamp() : _since);
        metrics.PendingWaits(depth, Age);
        _isKnown = true;
    }
}
