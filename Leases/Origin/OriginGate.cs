using System.Threading.RateLimiting;

namespace Floodgate.Leases.Origin;

/// <summary>
/// The bulkhead before the origin: so many calls at once, so many that wait, in order, and no more (Nygard, "Release It!", 2nd edition, section
/// "Bulkheads").
/// </summary>
internal sealed class OriginGate(int concurrency, int queue) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = concurrency,
        QueueLimit = queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>How many calls wait for their turn.</summary>
    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>How many calls are under way.</summary>
    public long Running => concurrency - (_limiter.GetStatistics()?.CurrentAvailablePermits ?? concurrency);

    /// <summary>Waits for a turn; the lease is not acquired where too many wait.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => _limiter.AcquireAsync(1, cancellationToken);

    public void Dispose() => _limiter.Dispose();
}
