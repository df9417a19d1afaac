using Floodgate.Nodes;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.Oracle;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>
/// Looks how far fan-out is behind, and closes pull ranges that are not needed any more: of authors whose audience has fallen below
/// <see cref="TimelineOptions.ThresholdBack"/>, and of those that were opened for lag once it is gone. Each instance does; a range is closed once.
/// </summary>
internal sealed class PullRangeWatch(
    PullRangeStore store, Audiences audiences, Shedding shedding, FanOutLag lag, BacklogProbe backlog, SchemaMigration schema, TimelineMetrics metrics,
    IOptions<TimelineOptions> options, TimeProvider time, ILogger<PullRangeWatch> logger) : BackgroundService
{
    private const int Batch = 500;

    // Each is followed by a backfill.
    private const int ClosedAtOnce = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        await Task.WhenAll(RepeatAsync(ObserveAsync, Interval, stoppingToken), RepeatAsync(CloseAsync, options.Value.PullCheck, stoppingToken));
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> step, TimeSpan pause, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await step(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.PullRangesNotLookedAt(logger, exception.Message);
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }

    /// <summary>Closes what is not needed any more.</summary>
    internal async Task CloseAsync(CancellationToken stoppingToken)
    {
        // What is closed is pushed after all: not while fan-out is behind.
        if (!shedding.IsShedding)
        {
            var (after, left) = (0L, ClosedAtOnce);
            List<OpenRange> ranges;
            do
            {
                ranges = await store.ListOpenAsync(after, Batch, stoppingToken);
                var sizes = await audiences.SizesAsync([.. ranges.Select(range => range.Author).Distinct()], stoppingToken);
                foreach (var range in ranges)
                {
                    after = range.Id;
                    var limit = range.Reason == PullReason.Lag ? options.Value.Threshold : options.Value.ThresholdBack;
                    if (sizes.GetValueOrDefault(range.Author) < limit && left-- > 0)
                    {
                        await store.CloseAsync(range.Id, stoppingToken);
                        Log.PullRangeClosed(logger, range.Author, range.Reason);
                    }
                }
            }
            while (ranges.Count == Batch && left > 0);
        }

        var (open, all) = await store.CountAsync(stoppingToken);
        metrics.PullRanges(open, all);
    }

    private async Task ObserveAsync(CancellationToken stoppingToken)
    {
        var waiting = await backlog.QueuesAsync(stoppingToken) is { } queues
            && queues[Messaging.QueueTopology.FanOutSmall] + queues[Messaging.QueueTopology.FanOutLarge] > 0;
        var behind = lag.Measure(waiting);
        shedding.Observe(behind);
        metrics.FanOutBehind(behind, shedding.Threshold);
    }
}
