using Floodgate.CounterService.Coalescing;
using Floodgate.Problems;

namespace Floodgate.CounterService.Hosting;

/// <summary>The answers to writes that are not durable.</summary>
internal static class WriteProblem
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static IResult Of(WriteStatus status) => status == WriteStatus.Busy
        ? Problem.TooMany("Too many writes wait.", RetryAfter)
        : Problem.Unavailable("The write could not be made durable; it may or may not take effect.", RetryAfter);
}
