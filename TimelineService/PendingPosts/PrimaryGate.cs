using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>
/// Remembers for all requests that the primary takes no writes, so that they do not all wait for it. Once it has rested, one
/// request at a time finds out whether it is back.
/// </summary>
internal sealed class PrimaryGate(IOptions<TimelineOptions> options, TimeProvider time, ILogger<PrimaryGate> logger)
{
    private readonly Breaker _breaker = new(time, options.Value.Rest);
    private int _trying;

    /// <summary>Whether to write to the primary; who may must say how it went, and <see cref="Leave"/>.</summary>
    /// <param name="alone">Whether it is this request that finds out whether the primary is back.</param>
    public bool TryEnter(out bool alone)
    {
        alone = false;
        if (!_breaker.IsTripped)
        {
            return true;
        }

        return !_breaker.IsResting && (alone = Interlocked.CompareExchange(ref _trying, 1, 0) == 0);
    }

    public void Succeeded() => _breaker.Succeeded();

    public void Failed(Exception exception)
    {
        _breaker.Failed();
        Log.PrimaryAway(logger, (exception.InnerException ?? exception).Message);
    }

    public void Leave(bool alone)
    {
        if (alone)
        {
            Volatile.Write(ref _trying, 0);
        }
    }
}
