using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>
/// Lowers the threshold while fan-out is behind: by half for each <see cref="TimelineOptions.ShedStep"/> during which posts wait longer than
/// <see cref="TimelineOptions.ShedAfter"/>, down to one chunk of followers; and back in the same steps once they wait less than
/// <see cref="TimelineOptions.ShedUntil"/>. Between the two it stays. Safe for concurrent use.
/// </summary>
internal sealed class Shedding(IOptions<TimelineOptions> options, TimeProvider time)
{
    private readonly TimelineOptions _options = options.Value;
    private readonly Lock _lock = new();
    private long _steppedAt = long.MinValue;
    private int _halvings;

    /// <summary>From how many followers on posts are merged instead of pushed now.</summary>
    public int Threshold => Math.Max(Math.Min(_options.ChunkSize, _options.Threshold), _options.Threshold >> Volatile.Read(ref _halvings));

    /// <summary>Whether posts are merged only because fan-out is behind.</summary>
    public bool IsShedding => Volatile.Read(ref _halvings) > 0;

    /// <summary>Takes note of how long posts wait for fan-out now.</summary>
    public void Observe(TimeSpan lag)
    {
        lock (_lock)
        {
            if (_steppedAt != long.MinValue && time.GetElapsedTime(_steppedAt) < _options.ShedStep)
            {
                return;
            }

            var step = lag > _options.ShedAfter ? 1 : lag < _options.ShedUntil && _halvings > 0 ? -1 : 0;
            if (step > 0 && _options.Threshold >> _halvings <= _options.ChunkSize)
            {
                step = 0;
            }

            if (step != 0)
            {
                _halvings += step;
                _steppedAt = time.GetTimestamp();
            }
        }
    }
}
