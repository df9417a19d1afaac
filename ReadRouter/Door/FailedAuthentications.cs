using System.Threading.RateLimiting;
using Floodgate.Problems;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// Counts the bearer tokens that were not valid, by address, and stops looking at tokens from there for the rest of the second once there were
/// too many: checking a signature is what a request without rights can make the router work for.
/// </summary>
internal sealed class FailedAuthentications(IOptions<DoorOptions> options, AddressSlots slots, Measures measures) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    // Windows and not buckets: a bucket holds fractions, and would never be seen empty.
    private readonly PartitionedRateLimiter<HttpContext> _failures = PartitionedRateLimiter.Create<HttpContext, int>(context =>
        options.Value.FailedAuthenticationsPerSecond == 0
            ? RateLimitPartition.GetNoLimiter(0)
            : RateLimitPartition.GetFixedWindowLimiter(slots.Of(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = options.Value.FailedAuthenticationsPerSecond,
                Window = Window,
                AutoReplenishment = false, // The partitions are renewed by one timer for all.
                QueueLimit = 0,
            }));

    /// <summary>Answers 429 to a request with credentials from where too many were not valid.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        // A probe needs nobody; what it brings is not looked at.
        if (Probes.Is(context.Request))
            context.Request.Headers.Authorization = default;
        if (context.Request.Headers.ContainsKey("Authorization"))
        {
            using var lease = _failures.AttemptAcquire(context, permitCount: 0);
            if (!lease.IsAcquired)
            {
                measures.Refused(Refusal.FailedAuthentications);
                await Problem.TooMany("Too many bearer tokens from this address were not valid.", Window).ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    /// <summary>Counts one more.</summary>
    public void Count(HttpContext context) => _failures.AttemptAcquire(context).Dispose();

    public void Dispose() => _failures.Dispose();
}
