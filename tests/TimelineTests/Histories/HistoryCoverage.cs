using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Counts which ways posts and pages have gone, by the service's own figures: histories in which nothing happens show nothing.</summary>
internal sealed class HistoryCoverage : IDisposable
{
    private const string Service = "Floodgate.Timelines";

    private static readonly string[] Ways = ["pushed", "pulled", "redis", "sql", "both", "written", "rejected"];

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public HistoryCoverage()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Service)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Count(tags, value));
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Count(tags, 1));
        _listener.Start();
    }

    /// <summary>The ways that nothing has gone.</summary>
    public IEnumerable<string> Missing => Ways.Where(way => !_counts.ContainsKey(way));

    public override string ToString() => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));

    public void Dispose() => _listener.Dispose();

    private void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags, long value)
    {
        foreach (var tag in tags)
        {
            _counts.AddOrUpdate($"{tag.Value}", value, (_, before) => before + value);
        }
    }
}
