using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Floodgate.TimelineService.Oracle;

/// <summary>The metrics of the sampled oracle, in the meter <see cref="TimelineMetrics.Name"/>.</summary>
internal sealed class OracleMetrics
{
    private readonly Histogram<double> _duration;

    public OracleMetrics(IMeterFactory meters, OracleTotals totals)
    {
        var meter = meters.Create(TimelineMetrics.Name);
        meter.CreateObservableCounter("floodgate.timeline.oracle.samples", () => totals.Samples, "{timeline}", "Home timelines compared with plain SQL");
        meter.CreateObservableCounter("floodgate.timeline.oracle.entries", () => totals.Entries, "{entry}", "Posts compared in them");

        // Observed, so that each kind is there with 0 before the first difference: an increase can be told only from a value before it.
        meter.CreateObservableCounter(
            "floodgate.timeline.oracle.differences", () => Kinds(totals.Differences), "{entry}",
            "Confirmed differences between home timelines and plain SQL, by kind: missing, extra, duplicate, disordered");
        meter.CreateObservableGauge("floodgate.timeline.oracle.per_million", () => Kinds(totals.PerMillion), "{entry}", "The same among a million entries");
        meter.CreateObservableGauge("floodgate.timeline.oracle.suspects", () => totals.Suspects, "{entry}", "Posts that differed at the last look and may be on their way");
        _duration = meter.CreateHistogram<double>("floodgate.timeline.oracle.duration", "s", "Time to look at a timeline, by outcome: same, different, failed");
    }

    public static string NameOf(DifferenceKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    public void Looked(string outcome, TimeSpan duration) => _duration.Record(duration.TotalSeconds, KeyValuePair.Create("outcome", (object?)outcome));

    private static IEnumerable<Measurement<T>> Kinds<T>(Func<DifferenceKind, T> value)
        where T : struct =>
        Enum.GetValues<DifferenceKind>().Select(kind => new Measurement<T>(value(kind), KeyValuePair.Create("kind", (object?)NameOf(kind))));
}
