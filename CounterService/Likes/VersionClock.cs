using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// Issues versions: microseconds since 1970, but always past what it issued before and past what the caller knows of. So
/// the versions of a pair rise in one process, and across processes as far as Redis or PostgreSQL knows the pair; where
/// neither does, as far as the clocks agree.
/// </summary>
internal sealed class VersionClock(TimeProvider time)
{
    private long _last;

    /// <summary>The next version.</summary>
    /// <param name="known">A version it must exceed; 0 where none is known.</param>
    public long Next(long known = 0)
    {
        var now = ReactionVersion.At(time.GetUtcNow());
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(now, Math.Max(last, known) + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
