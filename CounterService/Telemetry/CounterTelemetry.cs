using System.Diagnostics;
using System.Diagnostics.Metrics;
using Floodgate.CounterService.Coalescing;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Telemetry;

/// <summary>Spans and metrics of CounterService: source and meter <c>Floodgate.Counters</c>.</summary>
internal sealed class CounterTelemetry : IDisposable
{
    public const string Name = "Floodgate.Counters";

    // An envelope of a thousand writes says with this many links where it comes from; more are of no use to a reader.
    private const int MaximumLinks = 64;

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unconfirmed;
    private readonly Counter<long> _unchanged;
    private readonly Counter<long> _envelopes;
    private readonly Counter<long> _fills;
    private readonly Histogram<double> _confirm;
    private readonly Histogram<int> _writes;

    public CounterTelemetry()
    {
        _accepted = _meter.CreateCounter<long>("floodgate.counters.accepted", "{write}", "Writes that are durable.");
        _refused = _meter.CreateCounter<long>("floodgate.counters.refused", "{write}", "Writes that were not taken: 429 (busy, behind) or 503 (away).");
        _unconfirmed = _meter.CreateCounter<long>("floodgate.counters.unconfirmed", "{write}", "Writes answered 503: the broker did not confirm.");
        _unchanged = _meter.CreateCounter<long>("floodgate.counters.unchanged", "{write}", "Repeats that changed nothing and were not published.");
        _fills = _meter.CreateCounter<long>("floodgate.counters.fills", "{user}", "Users whose pairs were to be filled into Redis, by step (mark, fill) and outcome (done, failed).");
        _envelopes = _meter.CreateCounter<long>("floodgate.counters.published", "{envelope}", "Envelopes that are durable.");
        _confirm = _meter.CreateHistogram<double>("floodgate.counters.confirm.duration", "s", "From the publish to its confirm.");
        _writes = _meter.CreateHistogram<int>("floodgate.counters.envelope.size", "{write}", "Writes in an envelope.");
    }

    /// <summary>The span of an envelope: a child of the first write in it that has one, and linked to the others.</summary>
    public Activity? StartPublish(EnvelopeId id, List<PendingWrite> writes)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        ActivityContext parent = default;
        var links = new List<ActivityLink>();
        foreach (var write in writes)
        {
            if (write.Trace == default)
            {
                continue;
            }

            if (parent == default)
            {
                parent = write.Trace;
            }
            else if (links.Count < MaximumLinks)
            {
                links.Add(new ActivityLink(write.Trace));
            }
        }

        var span = _source.StartActivity("publish envelope", ActivityKind.Producer, parent, links: links);
        return span?.SetTag("floodgate.partition", id.Partition).SetTag("floodgate.sequence", id.Sequence).SetTag("floodgate.writes", writes.Count);
    }

    public void Published(int partition, int writes, TimeSpan confirm)
    {
        var tag = new KeyValuePair<string, object?>("floodgate.partition", partition);
        _accepted.Add(writes, tag);
        _envelopes.Add(1, tag);
        _writes.Record(writes);
        _confirm.Record(confirm.TotalSeconds);
    }

    public void Refused(WriteStatus status) =>
        _refused.Add(1, new KeyValuePair<string, object?>("floodgate.reason", status switch
        {
            WriteStatus.Away => "away",
            WriteStatus.Behind => "behind",
            _ => "busy",
        }));

    /// <summary>Shows a figure of each partition, read when somebody asks for it.</summary>
    public void Gauge<T>(string name, string unit, string description, IReadOnlyList<T> partitions, Func<T, double> read) =>
        _meter.CreateObservableGauge(
            "floodgate.counters." + name,
            () => partitions.Select((of, partition) => new Measurement<double>(read(of), new KeyValuePair<string, object?>("floodgate.partition", partition))),
            unit,
            description);

    /// <summary>Shows a figure, read when somebody asks for it.</summary>
    public void Gauge(string name, string unit, string description, Func<double> read) =>
        _meter.CreateObservableGauge("floodgate.counters." + name, read, unit, description);

    public void Unconfirmed(int writes) => _unconfirmed.Add(writes);

    /// <summary>A step of filling a user's pairs ended.</summary>
    public void FillEnded(string step, bool failed) => _fills.Add(
        1, new KeyValuePair<string, object?>("floodgate.step", step), new KeyValuePair<string, object?>("floodgate.outcome", failed ? "failed" : "done"));

    public void Unchanged() => _unchanged.Add(1);

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }
}
