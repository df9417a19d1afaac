using System.Globalization;
using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Counters;

/// <summary>What was measured of a phase in all its rounds.</summary>
/// <param name="name">Its <see cref="PhaseName"/>.</param>
/// <param name="what">What it is.</param>
internal sealed class PhaseFigures(string name, string what)
{
    private readonly List<double> _rates = [];
    private readonly List<double> _costs = [];
    private readonly SortedDictionary<int, long> _errors = [];
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What it is.</summary>
    public string What => what;

    /// <summary>Latencies of all rounds.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Acknowledged writes of all rounds.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Acknowledged writes without a value in the answer, of all rounds.</summary>
    public long WithoutValue { get; private set; }

    /// <summary>Acknowledged writes a second: the median of the rounds.</summary>
    public double Rate => Median(_rates);

    /// <summary>The slowest round.</summary>
    public double LeastRate => _rates.Min();

    /// <summary>The fastest round.</summary>
    public double MostRate => _rates.Max();

    /// <summary>Processor seconds of all server processes for 1,000 acknowledged writes: the median of the rounds; NaN where it is not known.</summary>
    public double Cost => Median(_costs);

    /// <summary>Processor milliseconds for 1,000 acknowledged writes by part of the system, over all rounds.</summary>
    public double CostOf(string group) => Acknowledged == 0 ? 0 : _seconds.GetValueOrDefault(group) * 1_000_000 / Acknowledged;

    /// <summary>Errors by status: <c>503: 2</c>.</summary>
    public string Errors => _errors.Count == 0
        ? "0"
        : string.Join(", ", _errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{(error.Key == 0 ? "no answer" : error.Key)}: {error.Value:N0}")));

    /// <summary>Adds a round.</summary>
    /// <param name="load">What became of its writes.</param>
    /// <param name="used">Processor time from its beginning until all was drained, without what the idle system uses.</param>
    public void Add(LoadResult load, ProcessorSample used)
    {
        _rates.Add(load.Rate);
        Latency.Add(load.Latency);
        Acknowledged += load.Acknowledged;
        WithoutValue += load.WithoutValue;
        foreach (var (status, count) in load.Errors) _errors[status] = _errors.GetValueOrDefault(status) + count;
        foreach (var (group, seconds) in used.ByGroup) _seconds[group] = _seconds.GetValueOrDefault(group) + seconds;
        var servers = used.ByGroup.Where(pair => pair.Key != CountersSystem.Client).Sum(pair => pair.Value);
        _costs.Add(servers > 0 && load.Acknowledged > 0 ? servers * 1000 / load.Acknowledged : double.NaN);
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
