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
    private readonly Counter<long> _retries;

    public Measures(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _choices = _meter.CreateCounter<long>("floodgate.router.choices", "{read}", "Reads by node and reason.");
        _waits = _meter.CreateHistogram<double>("floodgate.router.wait", "s", "How long reads waited for a replica to catch up.");
        _retries = _meter.CreateCounter<long>("floodgate.router.retries", "{read}", "Reads that were tried again elsewhere.");
    }

    /// <summary>Reports each node's lag whenever a reader of the metrics asks.</summary>
    public void ObserveLag(Func<IEnumerable<Measurement<double>>> observe) =>
        _meter.CreateObservableGauge("floodgate.router.lag", observe, "s", "How far a replica is behind the primary.");

    public void Chosen(in NodeChoice choice)
    {
        _choices.Add(1, new("node", choice.Node), new("reason", choice.Reason));
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("floodgate.node", choice.Node);
            span.SetTag("floodgate.reason", choice.Reason);
        }
    }

    public void Waited(TimeSpan time) => _waits.Record(time.TotalSeconds);

    public void Retried(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
