using System.Security.Claims;
using System.Threading.RateLimiting;
using Floodgate.ReadRouter.Authentication;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>Whom a request is counted for.</summary>
/// <param name="Reason">Which of the rates, by its name in <see cref="Refusal"/>; null where nothing is counted.</param>
/// <param name="Id">The user, or the slot of the address.</param>
internal readonly record struct Caller(string? Reason, long Id);

/// <summary>
/// The rates of reads and writes, by user, and for callers without a token by address. Users cannot be invented, and one who is idle is
/// forgotten; addresses share a fixed number of slots.
/// </summary>
internal sealed class CallerLimits(IOptions<DoorOptions> options, AddressSlots slots)
{
    // Buckets are filled this often; a smaller rate has one request per filling.
    private const int FillingsPerSecond = 10;

    private readonly DoorOptions _options = options.Value;

    public PartitionedRateLimiter<HttpContext> Create() => PartitionedRateLimiter.Create<HttpContext, Caller>(context =>
    {
        var caller = CallerOf(context);
        var rate = RateOf(caller.Reason);
        return rate == 0 ? RateLimitPartition.GetNoLimiter(new Caller(null, 0)) : RateLimitPartition.GetTokenBucketLimiter(caller, _ => Bucket(rate));
    });

    public Caller CallerOf(HttpContext context)
    {
        var request = context.Request;
        if (Probes.Is(request))
            return default;

        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return UserId.TryParse(context.User.FindFirstValue(ClaimTypes.NameIdentifier), out var user)
            ? new Caller(reads ? Refusal.UserReads : Refusal.UserWrites, user)
            : new Caller(reads ? Refusal.AddressReads : Refusal.AddressWrites, slots.Of(context.Connection.RemoteIpAddress));
    }

    /// <summary>How many a second.</summary>
    public int RateOf(string? reason) => reason switch
    {
        Refusal.UserReads => _options.UserReadsPerSecond,
        Refusal.UserWrites => _options.UserWritesPerSecond,
        Refusal.AddressReads => _options.AddressReadsPerSecond,
        Refusal.AddressWrites => _options.AddressWritesPerSecond,
        _ => 0,
    };

    private TokenBucketRateLimiterOptions Bucket(int rate)
    {
        var filling = Math.Max(1, rate / FillingsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = rate * _options.BurstSeconds,
            TokensPerPeriod = filling,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)filling / rate),
            AutoReplenishment = false, // The partitions are filled by one timer for all.
            QueueLimit = 0,
        };
    }
}
