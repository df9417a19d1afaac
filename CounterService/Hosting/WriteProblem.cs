using Floodgate.CounterService.Coalescing;
using Floodgate.Problems;

namespace Floodgate.CounterService.Hosting;

/// <summary>The answers to writes that are not durable.</summary>
internal static class WriteProblem
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static IResult Of(WriteStatus status, TimeSpan retryAfter) => status switch
    {
        WriteStatus.Busy => Problem.TooMany("Too many writes wait.", Soon),
        WriteStatus.Behind => Problem.TooMany("What was written before is not in the database yet.", retryAfter),
        WriteStatus.Away => Problem.Unavailable("No write can be made durable now; this one has no effect.", Soon),
        _ => Problem.Unavailable("The write could not be made durable; it may or may not take effect.", Soon),
    };
}
