using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.FanOut;

/// <summary>For how long posts wait before fan-out gets to them, as this process sees it. Safe for concurrent use.</summary>
internal sealed class FanOutLag(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TimeSpan _longest;
    private TimeSpan _last;
    private long _lastAt = long.MinValue;

    /// <summary>A job begins.</summary>
    public void Began(long post)
    {
        var age = time.GetUtcNow() - PostTime.Of(post);
        lock (_lock)
        {
            _last = age > TimeSpan.Zero ? age : TimeSpan.Zero;
            _longest = _last > _longest ? _last : _longest;
            _lastAt = time.GetTimestamp();
        }
    }

    /// <summary>Something began that says nothing about how long posts wait, but that jobs are being done.</summary>
    public void Progressed()
    {
        lock (_lock)
        {
            (_last, _lastAt) = (TimeSpan.Zero, time.GetTimestamp());
        }
    }

    /// <summary>The longest wait since this was last asked.</summary>
    /// <param name="waiting">Whether jobs wait: then the next one has waited at least since the last began.</param>
    public TimeSpan Measure(bool waiting)
    {
        lock (_lock)
        {
            if (!waiting)
            {
                (_longest, _last, _lastAt) = (TimeSpan.Zero, TimeSpan.Zero, time.GetTimestamp());
                return TimeSpan.Zero;
            }

            if (_lastAt == long.MinValue)
            {
                _lastAt = time.GetTimestamp();
            }

            var stuck = _last + time.GetElapsedTime(_lastAt);
            var behind = stuck > _longest ? stuck : _longest;
            _longest = TimeSpan.Zero;
            return behind;
        }
    }
}
