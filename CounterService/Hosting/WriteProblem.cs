using Floodgate.CounterService.Coalescing;
using Floodgate.Problems;

namespace Floodgate.CounterService.Hosting;

/// <summary>The answers to writes that are not durable.</summary>
internal static class WriteProblem
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static IResult Of(WriteStatus status) => status switch
    {
        WriteStatus.Busy => Problem.TooMany("Too many writes wait.", RetryAfter),
        WriteStatus.Away => Problem.Unavailable("No write can be made durable now; this one has no effect.", RetryAfter),
        _ => Problem.Unavailable("The write could not be made durable; it may or may not take effect.", RetryAfter),
    };
}
