using System.Globalization;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Cache;

/// <summary>What many callers on one key got, mode beside mode.</summary>
internal static class WaveTables
{
    /// <summary>On cold keys.</summary>
    public static ReportTable Cold(CacheOptions options, IReadOnlyList<WaveSeries> all) =>
        Table(all, Text($"{options.Callers:N0} callers at once on a cold key, whose query takes {options.Origin.TotalMilliseconds:0} ms"));

    /// <summary>On keys past their soft expiry.</summary>
    public static ReportTable Expired(CacheOptions options, IReadOnlyList<WaveSeries> all) =>
        Table(all, Text($"{options.Callers:N0} callers at once on a key past its soft expiry, whose query takes {options.Origin.TotalMilliseconds:0} ms"));

    private static ReportTable Table(IReadOnlyList<WaveSeries> all, string title)
    {
        var table = new ReportTable(
            title, "mode", "queries", "waited for it", "half within", "slowest caller", "beyond the query, least", "median", "most", "query as the process saw it");
        foreach (var (mode, waves) in all)
        {
            var beyond = waves.Select(wave => wave.Beyond).Order().ToList();
            table.Add(
                mode, string.Join(", ", waves.Select(wave => Text($"{wave.Queries:N0}"))), string.Join(", ", waves.Select(wave => Text($"{wave.Waited:N0}"))),
                waves.Max(wave => wave.Median), waves.Max(wave => wave.Slowest), beyond[0], beyond[beyond.Count / 2], beyond[^1], waves.Max(wave => wave.SlowestQuery));
        }

        return table;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
