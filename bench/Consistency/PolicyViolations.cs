using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Disturbing;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency;

/// <summary>The violations of a disturbed run, by policy and guarantee.</summary>
/// <param name="world">The sessions and what they did.</param>
/// <param name="violations">What was found.</param>
/// <param name="disturbances">How often each kind was done.</param>
/// <param name="events">What was done to the nodes, and when.</param>
/// <param name="origin">When the run began, as a timestamp.</param>
/// <param name="frequency">Timestamps a second.</param>
internal sealed class PolicyViolations(
    LoadWorld world, IReadOnlyList<Violation> violations, IReadOnlyDictionary<DisturbanceKind, int> disturbances, IReadOnlyList<string> events, long origin, long frequency)
{
    private const int MostShown = 3;

    /// <summary>Answers that the interface does not promise.</summary>
    public IReadOnlyList<string> Faults => world.Faults.Noted;

    /// <summary>What was done to the nodes, and when.</summary>
    public IReadOnlyList<string> Events => events;

    /// <summary>What was done, in one line.</summary>
    public string Disturbances => string.Join(", ", disturbances.OrderBy(pair => pair.Key).Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value}")));

    /// <summary>How many a policy has.</summary>
    public int Of(string policy) => violations.Count(violation => world.PolicyOf(violation.Session) == policy);

    /// <summary>The first few of a policy, with their proofs.</summary>
    public IEnumerable<string> Examples(string policy) =>
        violations.Where(violation => world.PolicyOf(violation.Session) == policy).Take(MostShown).Select(violation => violation.Explain(origin, frequency));

    /// <summary>A row for each policy.</summary>
    public ReportTable ToTable(IReadOnlyList<string> policies)
    {
        var guarantees = Enum.GetValues<Guarantee>();
        var table = new ReportTable(
            "Violations while nodes are disturbed",
            ["policy", "sessions", "operations", "refused (503)", "no answer", .. guarantees.Select(guarantee => guarantee.ToString()), "all"]);
        foreach (var policy in policies)
        {
            table.Add([
                policy,
                world.Sessions.Count(session => session.Door.Policy == policy),
                world.Statuses.Of(policy, static _ => true),
                world.Statuses.Of(policy, static status => status == 503),
                world.Statuses.Of(policy, static status => status == 0),
                .. guarantees.Select(guarantee => (object)violations.Count(violation => violation.Guarantee == guarantee && world.PolicyOf(violation.Session) == policy)),
                Of(policy),
            ]);
        }

        return table;
    }
}
