using System.Globalization;
using System.Text;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Timelines;

/// <summary>The summary, the tables of the parts, and the chart.</summary>
internal sealed class TimelinesReport(TimelinesOptions options, IReadOnlyList<PartResult> results)
{
    private static readonly string[] Groups = [TimelinesSystem.Self, "baselines", "router", "timeline", "counter", "flush", "rabbitmq", "redis", "postgres", "replicas"];

    /// <summary>When it ended.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Cores that others used while it was measured.</summary>
    public double OtherCores { get; init; }

    /// <summary>Whether every post arrived and every page was right. Goals that are not met are no fault.</summary>
    public bool IsGood => results.All(result => result.Faults.Count == 0);

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        foreach (var result in results)
        {
            foreach (var table in result.Tables) table.Show(console);
            foreach (var line in result.Chart) console.WriteLine(line);
        }

        Costs().Show(console);
        Summary().Show(console);
        foreach (var line in Lines()) console.WriteLine(line);
    }

    /// <summary>Writes it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Home timelines under load\n\n");
        foreach (var line in Lines()) text.Append("- ").Append(line).Append('\n');
        text.Append('\n');
        Summary().WriteMarkdown(text);
        foreach (var result in results)
        {
            foreach (var table in result.Tables) table.WriteMarkdown(text);
            if (result.Chart.Count > 0) text.Append("```\n").AppendJoin('\n', result.Chart).Append("\n```\n\n");
        }

        Costs().WriteMarkdown(text);
        return text.ToString().TrimEnd('\n') + '\n';
    }

    private ReportTable Summary()
    {
        var table = new ReportTable("Summary", "what", "figure", "beside", "goal", "");
        foreach (var line in results.SelectMany(result => result.Summary))
            table.Add(line.What, line.Figure, line.Beside, line.Goal, line.Met switch { true => "met", false => "NOT MET", _ => "" });
        return table;
    }

    private ReportTable Costs()
    {
        var table = new ReportTable("Where the processor time goes: µs for each", ["", .. Groups]);
        foreach (var (what, times, used) in results.SelectMany(result => result.Costs))
            table.Add([what, .. Groups.Select(group => used.ByGroup.GetValueOrDefault(group) / times * 1e6).Select(each => each < 0.005 ? "" : each.ToString(each < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture))]);
        return table;
    }

    private IEnumerable<string> Lines()
    {
        yield return Invariant($"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Describe()}; bench, services, PostgreSQL with two replicas, Redis and RabbitMQ share it. Others used {OtherCores:0.00} cores of it.");
        yield return Invariant($"{options.PhaseLength.TotalSeconds:0} s a load, {options.Entries:N0} entries end to end, {options.Readers:N0} readers, {options.Connections} connections; seed {options.Seed}. All took {ReportTable.Text(Took)}.");
        if (IsGood) yield return "Every post arrived where it was looked for, and every page that was compared was the one of SQL.";
        foreach (var fault in results.SelectMany(result => result.Faults)) yield return "FAULT: " + fault;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
