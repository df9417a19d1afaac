using System.Diagnostics.Metrics;

namespace Floodgate.Redis.Tracking;

/// <summary>What is measured of the copies that Redis keeps up to date; the meter is named <c>Floodgate.Redis</c>.</summary>
public sealed class TrackedMetrics : IDisposable
{
    private static readonly KeyValuePair<string, object?> Copy = new("source", "copy");
    private static readonly KeyValuePair<string, object?> Server = new("source", "redis");

    private readonly Meter _meter;
    private readonly Counter<long> _keys;
    private readonly Counter<long> _changes;
    private readonly Counter<long> _losses;

    /// <summary>Creates the instruments.</summary>
    public TrackedMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _meter = meters.Create("Floodgate.Redis");
        _keys = _meter.CreateCounter<long>("floodgate.tracked.keys", "{key}", "Keys that were asked for, by where they were: copy (kept here), or redis");
        _changes = _meter.CreateCounter<long>("floodgate.tracked.changes", "{key}", "Keys of which Redis said that they were changed");
        _losses = _meter.CreateCounter<long>("floodgate.tracked.losses", "{connection}", "Connections that were lost, and all copies with them");
    }

    /// <summary>Shows how many copies there are.</summary>
    internal void Show(Func<int> copies) => _meter.CreateObservableGauge("floodgate.tracked.copies", copies, "{key}", "Copies that are kept");

    /// <summary>Keys were asked for.</summary>
    /// <param name="kept">Of how many there was a copy.</param>
    /// <param name="read">How many Redis is asked for.</param>
    internal void Asked(int kept, int read)
    {
        if (kept > 0)
        {
            _keys.Add(kept, Copy);
        }

        if (read > 0)
        {
            _keys.Add(read, Server);
        }
    }

    /// <summary>Redis said that keys were changed.</summary>
    internal void Changed(int keys) => _changes.Add(keys);

    /// <summary>The connection was lost.</summary>
    internal void Lost() => _losses.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
