using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Spreading;

/// <summary>How often a counter is written, and over how many partitions its writes are spread.</summary>
internal sealed class Heat(CounterId counter, int home)
{
    // Half of the new rate is that of the last interval.
    private const double Weight = 0.5;

    private int _writes;
    private uint _turn;
    private long? _coolSince;
    private double _rate = -1;

    /// <summary>The counter.</summary>
    public CounterId Counter => counter;

    /// <summary>The partition that its hash names.</summary>
    public int Home => home;

    /// <summary>Writes a second.</summary>
    public double Rate => Math.Max(_rate, 0);

    /// <summary>How many partitions take its writes: <see cref="Home"/> and those after it.</summary>
    public int Width { get; private set; } = 1;

    /// <summary>Counts a write and gives its partition.</summary>
    /// <param name="spreads">Whether it may go elsewhere than home.</param>
    /// <param name="partitions">How many there are.</param>
    public int Place(bool spreads, int partitions)
    {
        Interlocked.Increment(ref _writes);
        var width = Width;
        return width == 1 || !spreads ? home : (int)((home + (Interlocked.Increment(ref _turn) % (uint)width)) % partitions);
    }

    /// <summary>Takes the writes since the last call and settles the width.</summary>
    /// <param name="since">How long ago that was.</param>
    /// <param name="above">Above so many writes a second in each of its partitions it gets twice as many.</param>
    /// <param name="hold">Below half of that for so long, it gets half as many.</param>
    /// <param name="partitions">How many there are.</param>
    /// <param name="time">The clock.</param>
    public void Settle(TimeSpan since, double above, TimeSpan hold, int partitions, TimeProvider time)
    {
        var sample = Interlocked.Exchange(ref _writes, 0) / since.TotalSeconds;
        _rate = _rate < 0 ? sample : _rate + ((sample - _rate) * Weight);
        var each = _rate / Width;
        if (each > above)
        {
            Width = Math.Min(Width * 2, partitions);
            _coolSince = null;
        }
        else if (Width > 1 && each < above / 2)
        {
            var now = time.GetTimestamp();
            _coolSince ??= now;
            if (time.GetElapsedTime(_coolSince.Value, now) >= hold)
            {
                Width /= 2;
                _coolSince = now;
            }
        }
        else
        {
            _coolSince = null;
        }
    }
}
