using System.Globalization;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Cache;

/// <summary>What readers got, mode beside mode, with the ratio to no cache in the same run.</summary>
internal static class LoadTables
{
    private const string Unknown = "–";

    /// <summary>At several hit ratios.</summary>
    public static ReportTable Ratios(IEnumerable<LoadFigures> all)
    {
        var table = new ReportTable(
            "Reads at hit ratios", "mode", "hits", "loaded", "reads/s", "of no cache", "p50", "p99", "max", "queries", "per 1,000 reads", "of no cache");
        foreach (var at in all.Where(load => load.Part == PartName.Ratios).GroupBy(load => load.Hits))
        {
            var baseline = Baseline(at);
            foreach (var load in at)
            {
                table.Add(
                    load.Mode, Text($"{load.Hits:0 %}"), Text($"{(double)load.Loaded / load.Reads:0.0 %}"), (long)load.Rate, Of(load.Rate, baseline?.Rate),
                    Time(load.Latency.Percentile(0.5)), Time(load.Latency.Percentile(0.99)), Time(load.Latency.Max), load.Queries, PerThousand(load), Of(PerThousand(load), PerThousand(baseline)));
            }
        }

        return table;
    }

    /// <summary>Of a hot set that expires every second.</summary>
    public static ReportTable Expiring(IEnumerable<LoadFigures> all) => Hot(all, PartName.Expiring, $"A hot set of {LoadPart.HotKeys} keys that expires every second");

    /// <summary>Of a hot set that is written every second.</summary>
    public static ReportTable Written(IEnumerable<LoadFigures> all)
    {
        var table = new ReportTable(
            $"A hot set of {LoadPart.HotKeys} keys that is written every second", "mode", "reads/s", "of no cache", "p50", "p99", "max", "queries", "of no cache",
            "a second and key", "reads older than the session", "share", "write to acknowledgement");
        var of = all.Where(load => load.Part == PartName.Written).ToList();
        foreach (var load in of)
        {
            table.Add(
                [.. Common(load, Baseline(of)), load.Stale, Text($"{(double)load.Stale / load.Reads:0.00 %}"),
                    load.Writes.Count == 0 ? Unknown : ReportTable.Text(TimeSpan.FromMilliseconds(load.Writes.Average()))]);
        }

        return table;
    }

    /// <summary>Where the processor time goes.</summary>
    public static ReportTable Processor(IReadOnlyList<LoadFigures> all)
    {
        var table = new ReportTable("Processor time: µs for each read", ["mode", "part", .. CacheSystem.Groups, "together", "of no cache"]);
        foreach (var load in all)
        {
            var baseline = Baseline(all.Where(other => other.Part == load.Part && other.Hits == load.Hits));
            table.Add(
                [load.Mode, load.Part == PartName.Ratios ? Text($"{load.Hits:0 %} hits") : load.Part, .. CacheSystem.Groups.Select(group => Cost(load.CostOf(group))), Cost(Together(load)),
                    Of(Together(load), baseline is null ? null : Together(baseline))]);
        }

        return table;
    }

    private static double Together(LoadFigures load) => CacheSystem.Groups.Sum(load.CostOf);

    private static string Cost(double microseconds) => Text($"{microseconds.ToString(microseconds < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture)}");

    private static ReportTable Hot(IEnumerable<LoadFigures> all, string part, string title)
    {
        var table = new ReportTable(title, "mode", "reads/s", "of no cache", "p50", "p99", "max", "queries", "of no cache", "a second and key");
        var of = all.Where(load => load.Part == part).ToList();
        foreach (var load in of) table.Add(Common(load, Baseline(of)));
        return table;
    }

    private static object[] Common(LoadFigures load, LoadFigures? baseline) =>
    [
        load.Mode, (long)load.Rate, Of(load.Rate, baseline?.Rate), Time(load.Latency.Percentile(0.5)), Time(load.Latency.Percentile(0.99)), Time(load.Latency.Max),
        load.Queries, Of(load.Queries, baseline?.Queries), Text($"{load.Loaded / load.Seconds / LoadPart.HotKeys:0.00}"),
    ];

    private static LoadFigures? Baseline(IEnumerable<LoadFigures> of) => of.FirstOrDefault(load => load.Mode == ModeName.NoCache);

    private static double PerThousand(LoadFigures? load) => load is null or { Reads: 0 } ? double.NaN : load.Queries * 1000.0 / load.Reads;

    private static string Of(double value, double? baseline) => baseline is > 0 and var to ? Ratio(value / to) : Unknown;

    private static string Ratio(double ratio) => Text($"{(ratio >= 100 ? Math.Round(ratio).ToString("N0", CultureInfo.InvariantCulture) : ratio.ToString(ratio < 0.1 ? "0.0000" : "0.00", CultureInfo.InvariantCulture))} ×");

    // Times are counted in whole microseconds.
    private static string Time(TimeSpan time) => time == TimeSpan.Zero ? "< 1 µs" : ReportTable.Text(time);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
