using System.Globalization;
using System.Text;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Cache;

/// <summary>The figures side by side, as tables.</summary>
internal sealed class CacheReport(CacheOptions options, CacheResults results)
{
    private static readonly TimeSpan MostBeyond = TimeSpan.FromMilliseconds(50);

    /// <summary>When it ended.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Cores that others used while it was measured.</summary>
    public double OtherCores { get; init; }

    /// <summary>Whether every caller got the right value. Goals that are not met are no fault.</summary>
    public bool IsGood => !results.Faults().Any();

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        foreach (var table in Tables()) table.Show(console);
        foreach (var line in Lines()) console.WriteLine(line);
    }

    /// <summary>Writes it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# The lease cache\n\n");
        foreach (var line in Lines()) text.Append("- ").Append(line).Append('\n');
        text.Append('\n');
        foreach (var table in Tables()) table.WriteMarkdown(text);
        return text.ToString().TrimEnd('\n') + '\n';
    }

    private IEnumerable<ReportTable> Tables() => new[]
    {
        LoadTables.Ratios(results.Loads),
        LoadTables.Expiring(results.Loads),
        LoadTables.Written(results.Loads),
        LoadTables.Processor(results.Loads),
        WaveTables.Cold(options, results.Cold),
        WaveTables.Expired(options, results.Expired),
        RedisTables.Memory(results.Memory),
        RedisTables.Trips(results.Trips),
    }.Where(table => table.Rows.Count > 0);

    private IEnumerable<string> Lines()
    {
        yield return Invariant($"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Describe()}; readers, PostgreSQL with one replica and Redis share it. Others used {OtherCores:0.00} cores of it.");
        yield return Invariant($"{CacheOptions.Processes} reading processes of {options.Readers} readers each, {options.Keys:N0} keys, {options.PhaseLength.TotalSeconds:0} s a phase; {options.Callers:N0} callers on one key, {options.Waves} times; seed {options.Seed}. All took {ReportTable.Text(Took)}.");
        foreach (var load in results.Loads.Where(load => load.WithoutRedis > 0))
            yield return Invariant($"{load.Mode}, {load.Part}, {load.Hits:0 %} hits: {load.WithoutRedis:N0} of {load.Reads:N0} reads were answered without Redis, which took too long to answer.");
        foreach (var goal in Goals()) yield return goal;
        if (IsGood) yield return "Every read and every caller got a value, and no session of the lease cache an older one than it had seen.";
        foreach (var fault in results.Faults()) yield return "FAULT: " + fault;
    }

    private IEnumerable<string> Goals()
    {
        if (results.Cold.Find(series => series.Mode == ModeName.Leases) is { } cold)
        {
            var most = cold.Waves.Max(wave => wave.Beyond);
            yield return Invariant($"Goal exactly 1 query for {options.Callers:N0} callers on a cold key: {string.Join(", ", cold.Waves.Select(wave => wave.Queries))} – {Verdict(cold.Waves.All(wave => wave.Queries == 1))}.");
            yield return Invariant($"Goal slowest of them at most {ReportTable.Text(MostBeyond)} beyond the query's own {ReportTable.Text(options.Origin)}: {ReportTable.Text(most)} in the slowest wave – {Verdict(most <= MostBeyond)}.");
        }

        if (results.Expired.Find(series => series.Mode == ModeName.Leases) is { } expired)
            yield return Invariant($"Goal nobody waits for the query of a value past its soft expiry: {expired.Waves.Sum(wave => wave.Waited):N0} waited – {Verdict(expired.Waves.All(wave => wave.Waited == 0))}.");
    }

    private static string Verdict(bool met) => met ? "met" : "NOT MET";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
