using System.Diagnostics;
using System.Net;

namespace Floodgate.CounterTests.Running;

/// <summary>An answer and how long it took.</summary>
internal sealed record TimedAnswer(HttpStatusCode Status, bool SaysWhenToRetry, TimeSpan Took)
{
    /// <summary>Waits for an answer and times it.</summary>
    public static async Task<TimedAnswer> OfAsync(Func<Task<HttpResponseMessage>> call)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await call();
        return new TimedAnswer(answer.StatusCode, answer.Headers.RetryAfter is not null, Stopwatch.GetElapsedTime(started));
    }
}
