using System.Net.Http.Headers;

namespace Floodgate.Bench.Gateway;

/// <summary>When a call is repeated, and how long after.</summary>
/// <param name="seed">Makes the jitter repeatable.</param>
/// <param name="time">The clock that a <c>Retry-After</c> date is compared with.</param>
internal sealed class RetryPolicy(int seed, TimeProvider time)
{
    /// <summary>A call is given up after this many requests: some 20 s of waiting, longer than a service takes to restart.</summary>
    public const int MaxRequests = 10;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromSeconds(30);

    /// <summary>Whether an answer invites to try again; 0 stands for no answer.</summary>
    public static bool IsPassing(int status) => status is 0 or 429 or 502 or 503 or 504;

    /// <summary>
    /// What to wait after a request: 100 ms doubled with each request up to 5 s, or what the answer asks for (up to
    /// 30 s) if that is longer; in both cases up to a quarter more, so that the callers do not come back all at once.
    /// </summary>
    /// <param name="request">1 for the first.</param>
    /// <param name="asked">The <c>Retry-After</c> of the answer.</param>
    /// <param name="caller">Something that differs between callers.</param>
    public TimeSpan DelayAfter(int request, RetryConditionHeaderValue? asked, long caller)
    {
        var own = First * Math.Pow(2, Math.Min(request - 1, 10));
        var wait = Earlier(own, Longest);
        if ((asked?.Delta ?? (asked?.Date - time.GetUtcNow())) is { } wanted && wanted > wait) wait = Earlier(wanted, LongestAsked);
        return wait * (1 + Jitter(request, caller) / 4);
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    // SplitMix64 over seed, caller and request: from 0 to 1, the same in every run.
    private double Jitter(int request, long caller)
    {
        var z = ((ulong)seed << 40) ^ ((ulong)caller * 0x9E3779B97F4A7C15) ^ (ulong)request;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
