using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Sharing;

/// <summary>Where the reads of sessions were served, by policy.</summary>
internal sealed class ReadShare
{
    private const string Primary = "primary";

    private readonly Dictionary<string, List<Operation>> _reads;

    /// <summary>Counts the reads of a history that say where they were served.</summary>
    /// <param name="world">The sessions and what they did.</param>
    /// <param name="since">Only what began then or later, as a timestamp.</param>
    public ReadShare(LoadWorld world, long since) =>
        _reads = world.History.Operations
            .Where(operation => operation.Start >= since && operation is { Kind: OperationKind.Read, Outcome: Outcome.Acknowledged, Node: not null })
            .GroupBy(operation => world.PolicyOf(operation.Session), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);

    /// <summary>The share that replicas served, from 0 to 1; not a number where there was no read.</summary>
    public double OfReplicas(string policy) =>
        _reads.TryGetValue(policy, out var reads) ? reads.Count(read => read.Node != Primary) / (double)reads.Count : double.NaN;

    /// <summary>A row for each policy.</summary>
    public ReportTable ToTable(IReadOnlyList<string> policies)
    {
        var table = new ReportTable("Reads served by replicas, with healthy replicas", "policy", "reads", "by replicas", "by the primary", "share of replicas");
        foreach (var policy in policies.Where(_reads.ContainsKey))
        {
            var byPrimary = _reads[policy].Count(read => read.Node == Primary);
            table.Add(policy, _reads[policy].Count, _reads[policy].Count - byPrimary, byPrimary, FormattableString.Invariant($"{OfReplicas(policy):0.0 %}"));
        }

        return table;
    }

    /// <summary>A row for each policy and reason.</summary>
    public ReportTable ReasonsToTable(IReadOnlyList<string> policies)
    {
        var table = new ReportTable("Why there", "policy", "reason", "reads", "share");
        foreach (var policy in policies.Where(_reads.ContainsKey))
        {
            foreach (var (reason, count) in _reads[policy].CountBy(read => read.Reason ?? "", StringComparer.Ordinal).OrderByDescending(pair => pair.Value))
                table.Add(policy, reason, count, FormattableString.Invariant($"{count / (double)_reads[policy].Count:0.0 %}"));
        }

        return table;
    }
}
