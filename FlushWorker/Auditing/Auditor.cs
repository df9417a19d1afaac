using Floodgate.FlushWorker.Telemetry;
using Floodgate.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Auditing;

/// <summary>
/// Always compares what is flushed with what it should be: a sample of posts with their reactions, which are corrected
/// where they are wrong; and the slots of each partition with all that was ever added to it, which finds what something
/// else wrote to plain counters, of which there is no second record to correct them by.
/// </summary>
internal sealed class Auditor(
    Recount recount, LikesCorrection correction, AuditTelemetry telemetry, SchemaMigration schema, IOptions<AuditOptions> options, TimeProvider time,
    ILogger<Auditor> logger) : BackgroundService, IHealthCheck
{
    // The two loops run at once: each has its own part of the report.
    private AuditReport _recounted = AuditReport.Empty;
    private volatile IReadOnlyList<PartitionBalance> _balances = [];
    private long _last;

    /// <summary>What it has seen.</summary>
    public AuditReport Report => _recounted with { Partitions = _balances };

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_balances.All(of => of.Difference == 0)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The slots of a partition are not what was added to them."));

    /// <summary>Recounts the next posts and corrects those that are wrong.</summary>
    public async Task RecountAsync(CancellationToken cancellationToken)
    {
        var posts = await recount.NextAsync(_last, cancellationToken);
        if (posts.Count == 0)
        {
            _recounted = _recounted with { Sweeps = _recounted.Sweeps + (_last > 0 ? 1 : 0), LastRecount = time.GetUtcNow() };
            _last = 0;
            return;
        }

        var wrong = await recount.WrongAsync(posts, cancellationToken);
        var corrected = 0;
        foreach (var count in wrong)
        {
            try
            {
                corrected += await correction.CorrectAsync(count.Post, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The others have their turn; this one again with the next round.
                FlushLog.NotCorrected(logger, count.Post, exception);
            }
        }

        _last = posts[^1];
        telemetry.Recounted(posts.Count, wrong.Count, corrected);
        _recounted = _recounted with
        {
            Recounted = _recounted.Recounted + posts.Count,
            Wrong = _recounted.Wrong + wrong.Count,
            Corrected = _recounted.Corrected + corrected,
            LastRecount = time.GetUtcNow(),
        };
    }

    /// <summary>Looks at the balance of each partition.</summary>
    public async Task BalanceAsync(CancellationToken cancellationToken)
    {
        var balances = await recount.BalancesAsync(cancellationToken);
        foreach (var balance in balances.Where(of => of.Difference != 0))
        {
            FlushLog.Unbalanced(logger, balance.Partition, balance.Difference);
        }

        telemetry.Balanced(balances);
        _balances = balances;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        await Task.WhenAll(
            RepeatAsync(RecountAsync, options.Value.RecountInterval, stoppingToken),
            RepeatAsync(BalanceAsync, options.Value.ConservationInterval, stoppingToken));
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> step, TimeSpan interval, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await step(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.NotAudited(logger, interval, exception);
            }

            await Task.Delay(interval, time, stoppingToken);
        }
    }
}
