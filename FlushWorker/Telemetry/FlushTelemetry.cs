using System.Diagnostics;
using System.Diagnostics.Metrics;
using Floodgate.FlushWorker.Consuming;
using Floodgate.VisibleValues;

namespace Floodgate.FlushWorker.Telemetry;

/// <summary>Spans and metrics of FlushWorker: source and meter <c>Floodgate.Flush</c>.</summary>
internal sealed class FlushTelemetry : IDisposable
{
    public const string Name = "Floodgate.Flush";

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _drift;
    private readonly Counter<long> _late;
    private readonly Counter<long> _unloaded;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _parked;

    public FlushTelemetry(TimeProvider time)
    {
        Time = time;
        Envelopes = _meter.CreateCounter<long>("floodgate.flush.envelopes", "{envelope}", "Envelopes applied.");
        Writes = _meter.CreateCounter<long>("floodgate.flush.writes", "{write}", "Writes applied.");
        Duplicates = _meter.CreateCounter<long>("floodgate.flush.duplicates", "{envelope}", "Envelopes that the ledger had already.");
        RepeatedRequests = _meter.CreateCounter<long>("floodgate.flush.repeated_requests", "{write}", "Deltas whose Idempotency-Key had been used.");
        Size = _meter.CreateHistogram<int>("floodgate.flush.batch.size", "{envelope}", "Envelopes in a batch.");
        Duration = _meter.CreateHistogram<double>("floodgate.flush.batch.duration", "s", "From the decoded batch to its commit.");
        _drift = _meter.CreateCounter<long>("floodgate.flush.drift.corrected", "{like}", "How much shown values were corrected by.");
        _late = _meter.CreateCounter<long>("floodgate.flush.late_applies", "{envelope}", "Envelopes flushed before Redis had them.");
        _unloaded = _meter.CreateCounter<long>("floodgate.flush.unloaded", "{counter}", "Counters to be loaded anew because Redis had missed a flush.");
        _missed = _meter.CreateCounter<long>("floodgate.flush.reconcile.missed", "{counter}", "Counters that Redis could not be told of.");
        _parked = _meter.CreateCounter<long>("floodgate.flush.parked", "{envelope}", "Messages put aside.");
    }

    public TimeProvider Time { get; }

    public Counter<long> Envelopes { get; }

    public Counter<long> Writes { get; }

    public Counter<long> Duplicates { get; }

    public Counter<long> RepeatedRequests { get; }

    public Histogram<int> Size { get; }

    public Histogram<double> Duration { get; }

    /// <summary>Begins the spans of a batch.</summary>
    public BatchTelemetry StartBatch(int partition, IReadOnlyList<ReceivedEnvelope> envelopes) => new(this, _source, partition, envelopes);

    public void Reconciled(int partition, Reconciled[] counters)
    {
        var tag = new KeyValuePair<string, object?>("floodgate.partition", partition);
        foreach (var counter in counters)
        {
            if (counter is { Loaded: true, Change: not 0, Late: 0 })
            {
                _drift.Add(Math.Abs(counter.Change), tag);
            }

            if (counter.Late > 0)
            {
                _late.Add(counter.Late, tag);
            }

            if (counter.Missed)
            {
                _unloaded.Add(1, tag);
            }
        }
    }

    /// <summary>Registers a gauge that is asked for its values when they are read.</summary>
    public void ObserveLag(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> observe) =>
        _meter.CreateObservableGauge(name, observe, unit, description);

    public void Missed(int counters) => _missed.Add(counters);

    public void Parked(int partition) => _parked.Add(1, new KeyValuePair<string, object?>("floodgate.partition", partition));

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }
}
