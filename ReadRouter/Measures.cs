using System.Diagnostics;
using System.Diagnostics.Metrics;
using Floodgate.ReadRouter.Choice;

namespace Floodgate.ReadRouter;

/// <summary>What the router measures, under the meter <c>Floodgate.ReadRouter</c>.</summary>
internal sealed class Measures : IDisposable
{
    public const string MeterName = "Floodgate.ReadRouter";

    private readonly Meter _meter;
    private readonly Counter<long> _choices;
    private readonly Histogram<double> _waits;
    private readonly Counter<long> _vainWaits;
    private readonly Counter<long> _capped;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _visible;
    private readonly Counter<long> _canary;
    private readonly Counter<long> _refused;

    public Measures(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _choices = _meter.CreateCounter<long>("floodgate.router.choices", "{read}", "Reads by node and reason.");
        _waits = _meter.CreateHistogram<double>("floodgate.router.wait", "s", "How long reads waited for a replica to catch up.");
        _vainWaits = _meter.CreateCounter<long>("floodgate.router.wait.timeouts", "{read}", "Reads that waited as long as they may, in vain.");
        _capped = _meter.CreateCounter<long>("floodgate.router.spill_over.capped", "{read}", "Reads that the primary could not take over any more.");
        _retries = _meter.CreateCounter<long>("floodgate.router.retries", "{read}", "Reads that were tried again elsewhere.");
        _visible = _meter.CreateHistogram<double>(
            "floodgate.router.visible_on_all", "s", "From the answer to a write until every replica that answers shows it.");
        _canary = _meter.CreateCounter<long>("floodgate.router.canary", "{read}", "The router's own reads of what it wrote, by outcome.");
        _refused = _meter.CreateCounter<long>("floodgate.router.refused", "{refusal}", "Connections and requests that the door refused.");
    }

    /// <summary>
    /// Makes the series that alerts look at, once somebody listens: one that began at one would not have increased.
    /// </summary>
    public void Begin()
    {
        _vainWaits.Add(0);
        _capped.Add(0);
        CanaryRead(Canaries.CanaryOutcome.Violation, 0);
    }

    /// <summary>Reports each node's lag whenever a reader of the metrics asks.</summary>
    public void ObserveLag(Func<IEnumerable<Measurement<double>>> seconds, Func<IEnumerable<Measurement<long>>> bytes)
    {
        _meter.CreateObservableGauge("floodgate.router.lag", seconds, "s", "How far a replica is behind the primary.");
        _meter.CreateObservableGauge("floodgate.router.lag.size", bytes, "By", "How far a replica is behind the primary.");
    }

    /// <summary>Reports per node whether it gets reads (1) or not (0).</summary>
    public void ObserveHealth(Func<IEnumerable<Measurement<int>>> observe) =>
        _meter.CreateObservableGauge("floodgate.router.node.healthy", observe, null, "Whether a node gets reads, by node and role.");

    /// <summary>Reports the timeline of the primary.</summary>
    public void ObserveTimeline(Func<long> observe) =>
        _meter.CreateObservableGauge("floodgate.router.timeline", observe, null, "The timeline of the primary; it changes with a failover.");

    /// <summary>Reports per alert whether it holds (1) or not (0).</summary>
    public void ObserveAlerts(Func<IEnumerable<Measurement<int>>> observe) =>
        _meter.CreateObservableGauge("floodgate.router.alert", observe, null, "Whether an alert holds.");

    public void Chosen(in NodeChoice choice)
    {
        _choices.Add(1, new("node", choice.Node), new("reason", choice.Reason));
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("floodgate.node", choice.Node);
            span.SetTag("floodgate.reason", choice.Reason);
        }
    }

    public void Waited(TimeSpan time, bool inVain)
    {
        _waits.Record(time.TotalSeconds);
        if (Activity.Current is { IsAllDataRequested: true } span)
            span.SetTag("floodgate.waited_ms", time.TotalMilliseconds);
        if (inVain)
            _vainWaits.Add(1);
    }

    public void SpillOverCapped() => _capped.Add(1);

    public void Retried(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void VisibleOnAll(TimeSpan time) => _visible.Record(time.TotalSeconds);

    public void CanaryRead(string outcome, int count = 1) => _canary.Add(count, new KeyValuePair<string, object?>("outcome", outcome));

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
