using System.Globalization;
using System.Text;
using Floodgate.Bench.Consistency.Outage;
using Floodgate.Bench.Consistency.Overhead;
using Floodgate.Bench.Consistency.Sharing;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Consistency;

/// <summary>What the run found, as tables. A part that was not asked for is null.</summary>
internal sealed class ConsistencyReport(ConsistencyOptions options)
{
    private const double LeastShare = 0.95;

    public ReadShare? Share { get; init; }

    public IReadOnlyList<OverheadFigures>? Overhead { get; init; }

    public PolicyViolations? Violations { get; init; }

    public OutageFigures? Outage { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Whether every promise was kept. A goal that is not met is no fault.</summary>
    public bool IsGood => !Faults().Any();

    /// <summary>Shows it.</summary>
    public void Show(IAnsiConsole console)
    {
        foreach (var table in Tables()) table.Show(console);
        foreach (var line in Lines()) console.WriteLine(line);
    }

    /// <summary>Writes it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Consistency of sessions\n\n");
        foreach (var line in Lines()) text.Append("- ").Append(line.Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        text.Append('\n');
        foreach (var table in Tables()) table.WriteMarkdown(text);
        return text.ToString().TrimEnd('\n') + '\n';
    }

    private IEnumerable<ReportTable> Tables()
    {
        if (Violations is not null) yield return Violations.ToTable(options.Policies);
        if (Share is not null)
        {
            yield return Share.ToTable(options.Policies);
            yield return Share.ReasonsToTable(options.Policies);
        }

        if (Overhead is not null) yield return OverheadFigures.ToTable(Overhead);
        if (Outage is not null) yield return Outage.ToTable();
    }

    private IEnumerable<string> Lines()
    {
        yield return Invariant($"{At:yyyy-MM-dd HH:mm} UTC, {Machine.Describe()}; clients and servers share it. Seed {options.Seed}, {options.Sessions} sessions, took {ReportTable.Text(Took)}.");
        if (Violations is not null) yield return $"Done to the nodes: {Violations.Disturbances}.";
        if (Share is not null && options.Policies.Contains(PolicyName.Lsn, StringComparer.Ordinal))
        {
            var share = Share.OfReplicas(PolicyName.Lsn);
            yield return Invariant($"Goal: replicas serve ≥ {LeastShare:0 %} of the reads under {PolicyName.Lsn}: {share:0.0 %} – {(share >= LeastShare ? "met" : "NOT MET")}.");
        }

        if (Outage is not null)
        {
            yield return Invariant($"Likes acknowledged while the primary was away: {Outage.LikesAcknowledged(OutagePhase.Away):N0}; lost of all that were acknowledged: {Outage.LikesLost:N0}.");
            yield return Invariant($"Posts promised with 202: {Outage.PostsPromised:N0}, published when the primary was back: {Outage.PostsPublished:N0}; lost of those acknowledged with 201: {Outage.PostsLost:N0}.");
        }

        foreach (var fault in Faults()) yield return "FAULT: " + fault;
    }

    private IEnumerable<string> Faults()
    {
        if (Violations is not null)
        {
            foreach (var fault in Violations.Faults) yield return fault;
            foreach (var example in options.Policies.Where(PolicyName.PromisesAll).SelectMany(policy => Violations.Examples(policy).Select(example => $"{policy}: {example}")))
                yield return example;
            if (options.Policies.Contains(PolicyName.Eventual, StringComparer.Ordinal) && Violations.Of(PolicyName.Eventual) == 0)
                yield return $"nothing was found under {PolicyName.Eventual}: the run shows nothing.";
        }

        if (Overhead is not null && Overhead.Sum(figures => figures.Errors) is > 0 and var errors) yield return Invariant($"{errors} reads failed while the overhead was measured.");
        if (Outage is null) yield break;
        if (Outage.LikesLost > 0) yield return Invariant($"{Outage.LikesLost} acknowledged likes were lost.");
        if (Outage.PostsLost > 0) yield return Invariant($"{Outage.PostsLost} acknowledged posts were lost.");
        if (Outage.PostsTwice > 0) yield return Invariant($"{Outage.PostsTwice} posts were published more than once.");
        if (Outage.PostsPublished < Outage.PostsPromised) yield return Invariant($"{Outage.PostsPromised - Outage.PostsPublished} promised posts were not published.");
        if (Outage.Unexpected > 0) yield return Invariant($"{Outage.Unexpected} answers while the primary was away that the interface does not promise.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
