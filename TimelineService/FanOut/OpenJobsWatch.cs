using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.TimelineService.Oracle;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Takes jobs out of the open ones that are nowhere any more: entered by an instance that stood still while another one did the job, or that another plan cut
/// otherwise; or whose end a Redis that crashed has forgotten. Without it such a name would stay for ever, and nothing would ever be drained. Once both queues
/// were empty, whatever was published before is done or in the hands of a consumer; and once nobody can have it in hand any more, it is done, or was put back,
/// which enters it anew. Each instance looks; taken out is what nobody will do, so it does not matter who does it, or how often.
/// </summary>
internal sealed class OpenJobsWatch(
    OpenJobs jobs, BacklogProbe backlog, SchemaMigration schema, TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time, ILogger<OpenJobsWatch> logger)
    : BackgroundService
{
    // The clocks of the instances.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    // Until the broker notices that a consumer is gone: two heartbeats of at most a minute (https://www.rabbitmq.com/docs/heartbeats), and as much again.
    private static readonly TimeSpan Noticed = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _emptyAt;

    /// <summary>How long after it was published a job may at most be in hand: it waits for one that was taken before it, then its turn, and is put back.</summary>
    private TimeSpan InHand => Noticed + (2 * (options.Value.JobTimeout + options.Value.PublishTimeout + FanOutConsumer.LongestPause));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.OpenJobsNotLookedAt(logger, exception);
            }
        }
    }

    /// <summary>Looks once. Where a server does not answer it begins anew, as jobs may be put back without being entered meanwhile.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await jobs.CountAsync() is not > 0 || await backlog.QueuesAsync(cancellationToken) is not { } queues)
        {
            _emptyAt = null;
            return;
        }

        if (_emptyAt is { } emptyAt && now - emptyAt >= InHand)
        {
            // What was entered later may have been published later: a plan enters its chunks before it pushes to those who read just now.
            var until = emptyAt - options.Value.JobTimeout - options.Value.PublishTimeout - ClockSkew;
            _emptyAt = null;
            if (await jobs.ForgetAsync(until) is > 0 and var count)
            {
                metrics.JobsLost(count);
                Log.JobsForgotten(logger, count, until);
            }
        }

        if (queues[QueueTopology.FanOutSmall] + queues[QueueTopology.FanOutLarge] == 0)
        {
            _emptyAt ??= now;
        }
    }
}
