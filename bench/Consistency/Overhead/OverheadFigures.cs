using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Overhead;

/// <summary>Reads of posts directly and through the router, at one number of connections.</summary>
/// <param name="Connections">Connections, each with one read under way.</param>
internal sealed record OverheadFigures(int Connections)
{
    private readonly List<double> _directRates = [];
    private readonly List<double> _routedRates = [];

    /// <summary>Latencies at the service.</summary>
    public LatencyHistogram Direct { get; } = new();

    /// <summary>Latencies through the router.</summary>
    public LatencyHistogram Routed { get; } = new();

    /// <summary>Reads that were not answered with 2xx.</summary>
    public long Errors { get; private set; }

    /// <summary>Reads a second at the service, the median of the rounds.</summary>
    public double DirectRate => Median(_directRates);

    /// <summary>Reads a second through the router, the median of the rounds.</summary>
    public double RoutedRate => Median(_routedRates);

    /// <summary>Adds a round.</summary>
    public void Add(LoadResult direct, LoadResult routed)
    {
        Direct.Add(direct.Latency);
        Routed.Add(routed.Latency);
        _directRates.Add(direct.Rate);
        _routedRates.Add(routed.Rate);
        Errors += direct.Errors.Values.Sum() + routed.Errors.Values.Sum();
    }

    /// <summary>A row for each number of connections.</summary>
    public static ReportTable ToTable(IReadOnlyList<OverheadFigures> all)
    {
        var table = new ReportTable(
            "Router overhead: GET /posts/{id}", "connections", "p50 direct", "p50 routed", "p50 added", "p99 direct", "p99 routed", "p99 added", "per second direct", "per second routed", "ratio", "errors");
        foreach (var at in all)
        {
            TimeSpan At(LatencyHistogram histogram, double fraction) => histogram.Percentile(fraction);
            table.Add(
                at.Connections,
                At(at.Direct, 0.5), At(at.Routed, 0.5), At(at.Routed, 0.5) - At(at.Direct, 0.5),
                At(at.Direct, 0.99), At(at.Routed, 0.99), At(at.Routed, 0.99) - At(at.Direct, 0.99),
                (long)at.DirectRate, (long)at.RoutedRate, FormattableString.Invariant($"{at.RoutedRate / at.DirectRate:0.00}"), at.Errors);
        }

        return table;
    }

    private static double Median(List<double> rates) => rates.Count == 0 ? 0 : rates.Order().ElementAt(rates.Count / 2);
}
