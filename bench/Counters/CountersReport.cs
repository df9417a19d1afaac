using System.Globalization;
using System.Text;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Counters;

/// <summary>The figures side by side, as tables.</summary>
internal sealed class CountersReport(CountersOptions options, IReadOnlyList<PhaseFigures> figures, IReadOnlyList<string> faults)
{
    // Cost may differ by so much between runs of the same thing.
    private const double Noise = 1.1;

    private const double OverUpdate = 50;
    private const double OverIncrement = 0.9;
    private const string Unknown = "–";
    private static readonly string[] Groups = ["baselines", "counter", "flush", "router", "timeline", "rabbitmq", "redis", "postgres", "replicas", CountersSystem.Client];

    /// <summary>When it ended.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Cores that the system uses without load.</summary>
    public double IdleCores { get; init; }

    /// <summary>Cores that others used while it was measured.</summary>
    public double OtherCores { get; init; }

    /// <summary>Whether no acknowledged write was lost or counted twice. Goals that are not met are no fault.</summary>
    public bool IsGood => faults.Count == 0;

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        foreach (var table in Tables()) table.Show(console);
        foreach (var line in Lines()) console.WriteLine(line);
    }

    /// <summary>Writes it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Counters under load\n\n");
        foreach (var line in Lines()) text.Append("- ").Append(line).Append('\n');
        text.Append('\n');
        foreach (var table in Tables()) table.WriteMarkdown(text);
        return text.ToString().TrimEnd('\n') + '\n';
    }

    private IEnumerable<ReportTable> Tables()
    {
        yield return SideBySide();
        if (Ratios() is { Rows.Count: > 0 } ratios) yield return ratios;
        if (Heat() is { Rows.Count: > 1 } heat) yield return heat;
        yield return Processor();
    }

    private ReportTable SideBySide()
    {
        var table = new ReportTable("Side by side", "", "what", "writes/s", "least", "most", "p50", "p99", "max", "errors", "without value", "CPU s per 1,000");
        foreach (var of in figures)
        {
            table.Add(
                of.Name, of.What, (long)of.Rate, (long)of.LeastRate, (long)of.MostRate,
                of.Latency.Percentile(0.5), of.Latency.Percentile(0.99), of.Latency.Max, of.Errors, of.WithoutValue, Cost(of.Cost));
        }

        return table;
    }

    private ReportTable Ratios()
    {
        string[] of = [PhaseName.Like, PhaseName.LikeThroughGateway, PhaseName.Plain, PhaseName.PlainThroughGateway];
        var table = new ReportTable("Ratios of writes/s", "", "of a, a bare endpoint", "of b, an UPDATE", "of b-few", "of c, an INCR");
        foreach (var name in of.Where(name => Find(name) is not null))
            table.Add(name, Ratio(name, PhaseName.Bare), Ratio(name, PhaseName.Update), Ratio(name, PhaseName.UpdateByFew), Ratio(name, PhaseName.Increment));
        return table;
    }

    private ReportTable Heat()
    {
        var table = new ReportTable("Heat: the same load on fewer keys", "keys", "writes/s", "p50", "p99", "CPU s per 1,000", "of the coldest");
        var all = PhaseName.Keys.Select(keys => (Keys: keys, Of: Find(PhaseName.WithKeys(keys)))).Where(row => row.Of is not null).ToList();
        foreach (var (keys, of) in all)
        {
            table.Add(
                keys, (long)of!.Rate, of.Latency.Percentile(0.5), of.Latency.Percentile(0.99), Cost(of.Cost), Text(of.Cost / all[^1].Of!.Cost));
        }

        return table;
    }

    private ReportTable Processor()
    {
        var table = new ReportTable("Where the processor time goes: ms per 1,000 writes", ["", .. Groups]);
        foreach (var of in figures) table.Add([of.Name, .. Groups.Select(group => Text(of.CostOf(group), "0.0"))]);
        return table;
    }

    private IEnumerable<string> Lines()
    {
        yield return Invariant($"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Describe()}; client and servers share it. Others used {OtherCores:0.00} cores of it, the idle system {IdleCores:0.00}, which is taken off.");
        yield return Invariant($"{options.Rounds} rounds of {options.PhaseLength.TotalSeconds:0} s a phase after a warm-up of {options.WarmUp.TotalSeconds:0} s, {options.Connections} connections; to PostgreSQL 100 from (b), {options.FewConnections} from (b-few); writes/s is the median of the rounds. All took {ReportTable.Text(Took)}.");
        if (Goal(PhaseName.Update, OverUpdate) is { } update) yield return update;
        if (Goal(PhaseName.Increment, OverIncrement) is { } increment) yield return increment;
        if (HeatGoal() is { } heat) yield return heat;
        if (IsGood) yield return Invariant($"Every acknowledged write is there, once: {figures.Sum(of => of.Acknowledged):N0} of them, compared after each run of each phase that keeps what it is sent.");
        foreach (var fault in faults) yield return "FAULT: " + fault;
    }

    private string? Goal(string of, double least)
    {
        if (Find(PhaseName.Plain) is not { } plain || Find(of) is not { } baseline) return null;
        var ratio = plain.Rate / baseline.Rate;
        return Invariant($"Goal {PhaseName.Plain} ≥ {least:0.0} × {of}: {Text(ratio)} × – {(ratio >= least ? "met" : "NOT MET")}.");
    }

    private string? HeatGoal()
    {
        if (Find(PhaseName.Plain) is not { } hot || Find(PhaseName.WithKeys(PhaseName.Keys[^1])) is not { } cold || !double.IsFinite(hot.Cost / cold.Cost)) return null;
        return Invariant($"Goal cost on 1 key ≤ cost on {PhaseName.Keys[^1]:N0} (within {Noise - 1:0 %}): {Text(hot.Cost / cold.Cost)} × – {(hot.Cost <= cold.Cost * Noise ? "met" : "NOT MET")}.");
    }

    private string Ratio(string of, string to) => Find(to) is { } baseline ? Text(Find(of)!.Rate / baseline.Rate) : Unknown;

    private PhaseFigures? Find(string name) => figures.FirstOrDefault(of => of.Name == name);

    private static string Cost(double seconds) => Text(seconds, "0.0000");

    private static string Text(double value, string? format = null) =>
        double.IsFinite(value) ? value.ToString(format ?? (value < 10 ? "0.00" : "0.0"), CultureInfo.InvariantCulture) : Unknown;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
